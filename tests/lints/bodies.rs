//! Bodies with something to improve.

use std::collections::HashMap;
use std::future::ready;

use supervise::supervised;

#[supervised]
pub async fn unused_async() {}

#[supervised]
pub async fn unused_async_with_a_body(number: u8) -> u8 {
    number + 1
}

#[supervised]
pub async fn braces() -> u8 {
    { 1 }
}

#[supervised]
pub async fn parentheses() -> u8 {
    (1)
}

#[supervised]
pub async fn one_expression(number: u8) -> u8 {
    number
}

#[supervised]
pub async fn redundant_clone(text: &str) -> String {
    let owned = text.to_owned();
    ready(()).await;
    owned.clone()
}

#[supervised]
pub async fn clones_an_argument(text: String) -> String {
    ready(()).await;
    text.clone()
}

#[supervised]
pub async fn useless_conversion(text: String) -> String {
    ready(()).await;
    String::from(text)
}

#[supervised]
pub async fn needless_borrow(text: &str, items: &mut Vec<u8>) -> usize {
    fn length(text: &str, items: &mut Vec<u8>) -> usize {
        text.len() + items.len()
    }
    ready(length(&text, &mut *items)).await
}

#[supervised]
pub async fn explicit_counter(items: &[u8]) -> usize {
    let mut index = 0;
    for item in items {
        println!("{index}{item}");
        index += 1;
    }
    ready(index).await
}

#[supervised]
pub async fn needless_range(items: &[u8]) {
    for index in 0..items.len() {
        println!("{}", items[index]);
    }
    ready(()).await;
}

#[supervised]
pub async fn comparisons(flag: bool, text: &str) -> bool {
    if flag == true {
        return false;
    }
    if text.len() == 0 {
        return true;
    } else {
        return ready(!flag).await;
    }
}

#[supervised]
pub async fn matches(value: Option<u8>) -> u8 {
    match value {
        Some(number) => {
            ready(()).await;
            number
        }
        None => {
            ready(()).await;
            0
        }
    }
}

#[supervised]
pub async fn single_match(value: Option<u8>) {
    match value {
        Some(number) => println!("{number}"),
        _ => (),
    }
    ready(()).await;
}

#[supervised]
pub async fn casts(number: u64, signed: i32) -> u8 {
    let value = number as u8;
    let other = signed as u32;
    let float = number as f64;
    ready(value as u8 + other as u8 + float as u8).await
}

#[supervised]
pub async fn literals() -> f64 {
    let large = 1000000;
    let exact = 3.14;
    ready(f64::from(large) * exact).await
}

#[supervised]
pub async fn items_after_statements() -> u8 {
    let number = ready(1).await;
    fn inner() -> u8 {
        2
    }
    const INNER: u8 = 1;
    number + inner() + INNER
}

#[supervised]
pub async fn closures(items: &[u8]) -> Vec<usize> {
    let lengths = items.iter().map(|item| usize::from(*item)).collect();
    let call = |number: u8| u8::from(number);
    let unused = || 1;
    ready(()).await;
    println!("{}", call(1));
    lengths
}

#[supervised]
pub async fn maps(map: HashMap<String, u8>, out: &mut HashMap<String, u8>) -> u8 {
    if !out.contains_key("a") {
        out.insert("a".to_string(), 1);
    }
    ready(map.get("a").map(|n| *n).unwrap_or(0)).await
}

#[supervised]
pub async fn blocking_lock(lock: &std::sync::Mutex<Vec<u8>>) {
    let mut items = lock.lock().unwrap();
    items.push(1);
    ready(()).await;
    items.push(2);
}

#[supervised]
pub async fn infinite(text: &str) {
    loop {
        ready(()).await;
        println!("{}", text);
    }
}

#[supervised]
pub async fn never_loops() {
    loop {
        ready(()).await;
        break;
    }
    while let Some(number) = Some(1) {
        println!("{number}");
        return;
    }
}

#[supervised]
pub async fn debugging(number: u8) -> u8 {
    dbg!(number);
    eprintln!("{}", number);
    ready(number).await
}

#[supervised]
pub async fn same_branches(flag: bool, number: u8) -> u8 {
    if flag {
        ready(number).await
    } else {
        ready(number).await
    }
}

#[supervised]
pub async fn shadowed(number: u8) -> u8 {
    let number = number;
    let number = number + 1;
    let number = u8::from(number == 1);
    ready(number).await
}

#[supervised]
pub async fn complex(a: u8, b: u8) -> u8 {
    if a == 1 {
        if b == 1 {
            for n in 0..a {
                if n == b {
                    while n > 1 {
                        if n > 3 && b > 4 || a > 5 {
                            match n {
                                1 => return 1,
                                2 => return 2,
                                3 if b == 1 => return 3,
                                4 if b == 2 => return 4,
                                5 if b == 3 => return 5,
                                6 if b == 4 => return 6,
                                7 | 8 => break,
                                _ => continue,
                            }
                        }
                    }
                }
            }
        }
    }
    ready(a).await
}

#[supervised]
pub async fn long(text: &str) -> usize {
    let mut length = text.len();
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    length += 1;
    ready(length).await
}

#[supervised]
pub async fn unsafe_code(number: u8) -> u8 {
    let pointer = &raw const number;
    ready(()).await;
    unsafe { *pointer }
}

#[supervised]
pub async fn wildcard() -> u8 {
    use std::collections::*;
    let map: HashMap<u8, u8> = HashMap::new();
    ready(map.len() as u8).await
}

#[supervised]
pub async fn tail_temporary(lock: &std::sync::Mutex<Vec<u8>>) -> usize {
    ready(()).await;
    lock.lock().unwrap().len()
}

#[supervised]
pub async fn significant_drop(lock: &std::sync::Mutex<Vec<u8>>) -> usize {
    let guard = lock.lock().unwrap();
    let length = guard.len();
    println!("{length}");
    length
}

#[supervised]
pub async fn drops_a_future() {
    let future = ready(());
    drop(future);
    std::mem::forget(1);
    let _ = ready(1);
    let _ = String::new();
}

#[supervised]
pub async fn spawns_nothing() {
    let _unused = async {
        ready(()).await;
    };
    let _later = async move { 1 };
    async fn inner() {}
    let _ = inner();
}

macro_rules! worker {
    ($name:ident($($argument:ident: $ty:ty),*) -> $output:ty $body:block) => {
        #[supervised]
        pub async fn $name($($argument: $ty),*) -> $output $body
    };
}

worker!(from_a_macro(text: String, shared: &str, unused: u8, out: &mut Vec<u8>) -> usize {
    let local = 1;
    ready(text.len()).await
});

macro_rules! whole {
    ($name:ident, $value:expr) => {
        #[supervised]
        pub async fn $name(unused: String, mut never_changed: u8) -> u8 {
            let local = $value;
            return ready($value).await;
        }
    };
}

whole!(all_from_a_macro, 1);

/// A module that only tests have.
#[cfg(test)]
mod tests {}
