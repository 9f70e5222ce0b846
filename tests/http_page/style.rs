//! Whether what is on the page can be read, by day and by night.

use std::collections::BTreeMap;

use crate::page;

/// The colours of a block `:root { … }`, by their names.
fn colours(block: &str) -> BTreeMap<&str, &str> {
    let (block, _) = block.split_once('}').unwrap();
    let rules = block
        .split(';')
        .filter_map(|rule| rule.trim().split_once(": #"));
    rules.collect()
}

/// By the formulas of WCAG 2.2.
fn luminance(colour: &str) -> f64 {
    assert_eq!(colour.len(), 6, "{colour}");
    let part = |at| {
        let part = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    (one / other).max(other / one)
}

#[test]
fn contrast_is_enough_in_both_schemes() {
    assert!((contrast("000000", "ffffff") - 21.0).abs() < 0.001);
    let style = page().one("style").text();
    let mut schemes = style.split(":root {").skip(1).map(colours);
    let light = schemes.next().unwrap();
    let dark = schemes.next().unwrap();
    assert!(light.keys().eq(dark.keys()), "{light:?} {dark:?}");
    for scheme in [light, dark] {
        let mut pairs = vec![];
        for ground in ["--page", "--card"] {
            pairs.extend(["--text", "--muted", "--link"].map(|text| (text, ground)));
        }
        for badge in ["--bad", "--failing", "--late", "--up", "--idle"] {
            let (text, _) = scheme
                .get_key_value(&*format!("{badge}-text"))
                .unwrap_or_else(|| panic!("no text on {badge}"));
            pairs.push((text, badge));
        }
        for (text, ground) in pairs {
            let contrast = contrast(scheme[text], scheme[ground]);
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
        }
    }
}

#[test]
fn every_colour_has_a_name_and_focus_is_seen() {
    let style = page().one("style").text();
    let named = style.lines().filter(|line| line.contains('#'));
    assert!(named.clone().count() > 10);
    assert!(named.clone().all(|line| line.trim().starts_with("--")));
    assert!(style.contains(":focus-visible { outline: 3px solid"));
    assert!(!style.contains("outline: none") && !style.contains("url("));
}
