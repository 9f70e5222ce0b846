//! The table: a line for each measure, with its budget and a verdict.

use crate::measure::Budget;
use crate::variant::{Each, Variant};

pub struct Row {
    pub what: String,
    /// `None` where a variant can't do it.
    pub values: Each<Option<f64>>,
    pub budget: Option<Budget>,
}

impl Row {
    fn supervised(&self) -> Option<f64> {
        let [_, _, supervised] = self.values;
        supervised
    }

    fn limit(&self) -> Option<f64> {
        let [bare, ..] = self.values;
        self.budget?.limit(bare)
    }

    /// Whether it is within its budget, if it has one.
    pub fn is_met(&self) -> bool {
        match (self.supervised(), self.limit()) {
            (Some(supervised), Some(limit)) => supervised <= limit,
            _ => true,
        }
    }

    fn cells(&self) -> [String; 6] {
        let [bare, handwritten, supervised] = self.values;
        let cell = |value| self.cell(bare, value);
        [
            self.what.clone(),
            bare.map_or_else(dash, figure),
            cell(handwritten),
            cell(supervised),
            self.budget.map_or_else(dash, told),
            self.verdict(),
        ]
    }

    /// A value as the budget looks at it.
    fn cell(&self, bare: Option<f64>, value: Option<f64>) -> String {
        match (value, bare, self.budget) {
            (Some(value), Some(bare), Some(Budget::TimesBare(_))) => {
                format!("{} ({:.3} x)", figure(value), value / bare)
            }
            (Some(value), Some(bare), Some(Budget::OverBare(_))) => {
                format!("{} ({:+})", figure(value), value - bare)
            }
            (value, _, _) => value.map_or_else(dash, figure),
        }
    }

    fn verdict(&self) -> String {
        match (self.supervised(), self.limit()) {
            (Some(_), Some(_)) if self.is_met() => "ok".into(),
            (Some(supervised), Some(limit)) => {
                format!("over by {:.1} %", (supervised / limit - 1.0) * 100.0)
            }
            _ => dash(),
        }
    }
}

pub fn print(rows: &[Row]) {
    let [bare, handwritten, supervised] = Variant::ALL.map(Variant::name);
    let head = [
        "per unit",
        bare,
        handwritten,
        supervised,
        "budget",
        "verdict",
    ];
    print_lines(&head, rows.iter().map(|row| row.cells().to_vec()).collect());
}

/// As Markdown has tables.
pub fn print_lines(head: &[&str], mut lines: Vec<Vec<String>>) {
    lines.insert(0, head.iter().map(|&cell| cell.to_owned()).collect());
    let mut widths = vec![0; head.len()];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    lines.insert(1, widths.iter().map(|&width| "-".repeat(width)).collect());
    for line in lines {
        let cells = line.iter().zip(&widths);
        let cells: Vec<_> = cells
            .map(|(cell, &width)| format!("{cell:width$}"))
            .collect();
        println!("| {} |", cells.join(" | "));
    }
}

fn told(budget: Budget) -> String {
    match budget {
        Budget::AtMost(limit) => format!("<= {}", figure(limit)),
        Budget::TimesBare(times) => format!("<= {times:.2} x bare"),
        Budget::OverBare(more) => format!("<= bare + {}", figure(more)),
    }
}

/// As exact as it is: counts of whole things have no decimals.
pub fn figure(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 1000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

pub fn dash() -> String {
    "-".into()
}
