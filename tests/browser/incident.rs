//! The incident, as it is seen on the page.

use std::time::Duration;

use crate::driver::Browser;
use crate::program::{Program, eventually, example};

#[test]
fn the_page_shows_the_crash_loop_while_it_lasts_and_when_it_is_over() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let program = Program::start(example("incident").args(["--port", "0"]));
    browser.open(&format!("{}/workers?refresh=1", program.url));
    eventually("all is well and ready", || {
        let head = browser.present_text("header")?;
        let is_well = head.contains("None in trouble of ");
        (is_well && head.contains("Ready for requests")).then_some(())
    });

    push(&program, r#"{"cache":{}}"#);
    // Nobody loads it again but itself.
    let row = eventually("the page shows three panics", || {
        let row = browser.present_text(".failing")?;
        let (count, _) = row.split_once(" × panic at ")?;
        let count: u32 = count.rsplit('\n').next()?.trim().parse().ok()?;
        (count >= 3 && row.contains("waiting")).then_some(row)
    });
    assert!(row.starts_with("cleanup"), "{row}");
    assert!(row.contains("failures in a row"), "{row}");
    assert!(row.contains("incident/app.rs:"), "{row}");
    assert!(
        row.contains("the configuration has no cache.ttl_seconds"),
        "{row}"
    );
    assert!(row.contains("in "), "{row}");
    let title = browser.title();
    assert_eq!(title, "1 in trouble · incident");
    let head = eventually("there is a head", || browser.present_text("header"));
    // A crash loop takes nobody out of rotation.
    assert!(head.contains("Ready for requests"), "{head}");

    push(&program, r#"{"cache":{"ttl_seconds":3}}"#);
    let well = eventually("the page shows that it is over", || {
        let head = browser.present_text("header")?;
        head.contains("None in trouble").then_some(head)
    });
    assert!(!well.contains("waiting"), "{well}");
    // How it went is still told.
    let others = eventually("there are workers", || browser.present_text("main"));
    assert!(others.contains("Last failure "), "{others}");
    drop(browser);

    // The log says the same.
    let end = program.end("INT");
    assert!(
        end.status.success() && end.took < Duration::from_secs(20),
        "{end:?}"
    );
    assert!(
        end.stdout.contains("recovered") && end.stderr.is_empty(),
        "{end:?}"
    );
}

fn push(program: &Program, configuration: &str) {
    let address = format!("{}/config", program.url);
    program.agent.put(address).send(configuration).unwrap();
}
