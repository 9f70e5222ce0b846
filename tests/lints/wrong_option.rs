//! Options that are wrong, on functions that are called elsewhere. Each function is
//! named after its module.

pub mod unknown {
    use supervise::supervised;

    #[supervised(restrat = true)]
    pub async fn unknown(limit: usize) -> usize {
        limit
    }
}

pub mod wrong_value {
    use supervise::supervised;

    pub struct Cache;

    impl Cache {
        #[supervised(name = 3)]
        pub async fn wrong_value(&mut self, (limit, _): (usize, u8), mut rest: usize) -> usize {
            rest += limit;
            rest
        }
    }
}

pub mod half_typed {
    use supervise::supervised;

    #[supervised(restart = )]
    pub async fn half_typed(limit: usize) -> Result<usize, std::num::ParseIntError> {
        Ok(limit + "1".parse::<usize>()?)
    }
}

pub mod half_a_word {
    use supervise::supervised;

    #[supervised(rest)]
    pub async fn half_a_word(limit: impl Into<usize>) -> usize {
        limit.into()
    }
}

pub mod contradiction {
    use supervise::supervised;

    pub trait Job {
        fn limit(&self) -> usize;

        #[allow(async_fn_in_trait)]
        #[supervised(backoff = "1s")]
        async fn contradiction(&self) -> usize {
            self.limit()
        }
    }

    impl Job for usize {
        fn limit(&self) -> usize {
            *self
        }
    }
}

pub mod not_clone {
    use supervise::supervised;

    pub struct Cache;

    #[supervised(restart = true)]
    pub async fn not_clone(cache: Cache) -> usize {
        drop(cache);
        1
    }
}

/// No call has an error of its own.
pub async fn calls() -> usize {
    use contradiction::Job as _;

    let sum = unknown::unknown(1).await + wrong_value::Cache.wrong_value((1, 2), 3).await;
    let sum = sum + half_typed::half_typed(1).await.unwrap_or_default();
    let sum = sum + half_a_word::half_a_word(1_usize).await + 1_usize.contradiction().await;
    sum + not_clone::not_clone(not_clone::Cache).await
}
