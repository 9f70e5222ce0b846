//! The page loads itself again, unless told not to; and shows its age if it can't.

use std::thread::sleep;
use std::time::Duration;

use crate::driver::Browser;
use crate::pages;
use crate::program::eventually;

const RENDERED: &str = "header dl time";

#[test]
fn it_loads_itself_again_until_told_not_to() {
    let Some(browser) = Browser::start() else {
        return;
    };
    // Below a prefix, which the links must keep.
    let url = pages::serve() + "/ops/billing/workers?refresh=1";
    browser.open(&url);
    let rendered = browser.text(RENDERED);
    eventually("it loads itself again", || {
        let again = browser.present_text(RENDERED)?;
        (again != rendered).then_some(())
    });

    browser.open(&url.replace("refresh=1", "refresh=3"));
    browser.click("nav a[href='?refresh=0']");
    let address = browser.run("return location.href");
    assert_eq!(address, url.replace("refresh=1", "refresh=0"));
    assert_eq!(browser.text("[aria-current]"), "off");
    let rendered = browser.text(RENDERED);
    // Longer than the page before would have waited.
    for _ in 0..40 {
        sleep(Duration::from_millis(100));
    }
    assert_eq!(browser.text(RENDERED), rendered);
}

#[test]
fn when_it_has_not_been_loaded_for_a_minute_it_says_so() {
    let Some(browser) = Browser::start() else {
        return;
    };
    browser.open(&(pages::serve() + "/workers?refresh=0"));
    assert_eq!(browser.text(".stale"), "");
    let pass = "const [clock] = document.getAnimations(); clock.currentTime = arguments[0]";
    let after = |seconds: u32| {
        browser.run(&pass.replace("arguments[0]", &format!("{seconds}000")));
        browser.text(".stale")
    };
    assert_eq!(after(59), "");
    let told = after(61);
    assert!(told.contains("more than a minute ago"), "{told}");
    browser.click(".stale a");
    assert_eq!(browser.text(".stale"), "");
}
