//! Bodies that are being typed, of functions that are called elsewhere.

#[derive(Clone)]
pub struct Cache {
    pub size: usize,
}

pub mod after_a_dot {
    use supervise::supervised;

    impl crate::Cache {
        #[supervised]
        pub async fn after_a_dot(&self, limit: usize) -> usize {
            self.
        }
    }

    pub async fn calls(cache: &crate::Cache) -> usize {
        cache.after_a_dot(1).await + 1
    }
}

pub mod after_a_dot_in_a_let {
    use supervise::supervised;

    #[supervised]
    pub async fn after_a_dot_in_a_let(limit: usize) -> usize {
        let rest = limit.
        rest
    }

    pub async fn calls() -> usize {
        after_a_dot_in_a_let(1).await + 1
    }
}

pub mod a_condition {
    use supervise::supervised;

    #[supervised]
    pub async fn a_condition(limit: usize) -> usize {
        if limit > {
        }
        limit
    }

    pub async fn calls() -> usize {
        a_condition(1).await + 1
    }
}

pub mod an_open_let {
    use supervise::supervised;

    #[supervised]
    pub async fn an_open_let(limit: usize) -> usize {
        let rest =
    }

    pub async fn calls() -> usize {
        an_open_let(1).await + 1
    }
}

pub mod a_missing_argument {
    use supervise::supervised;

    #[supervised]
    pub async fn a_missing_argument(limit: usize) -> usize {
        usize::max(limit, )
    }

    pub async fn calls() -> usize {
        a_missing_argument(1).await + 1
    }
}

pub mod an_unknown_name {
    use supervise::supervised;

    #[supervised]
    pub async fn an_unknown_name(limit: usize) -> usize {
        lim
    }

    pub async fn calls() -> usize {
        an_unknown_name(1).await + 1
    }
}

pub mod an_unknown_method {
    use supervise::supervised;

    #[supervised]
    pub async fn an_unknown_method(text: String) -> usize {
        text.le()
    }

    pub async fn calls() -> usize {
        an_unknown_method(String::new()).await + 1
    }
}

pub mod on_a_thread {
    use supervise::supervised;

    impl crate::Cache {
        #[supervised(blocking)]
        pub fn on_a_thread(&self, limit: usize) -> usize {
            self.
        }
    }

    pub fn calls(cache: &crate::Cache) -> usize {
        cache.on_a_thread(1) + 1
    }
}

pub mod another_type_on_a_thread {
    use supervise::supervised;

    #[supervised(blocking)]
    pub fn another_type_on_a_thread(text: &str) -> usize {
        text.lenght()
    }

    pub fn calls() -> usize {
        another_type_on_a_thread("") + 1
    }
}
