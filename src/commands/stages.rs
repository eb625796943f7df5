//! What takes its time before a plan is carried out: each stage with how long it took.

use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::IsTerminal,
    sync::Mutex,
    time::{Duration, Instant},
};

/// Stages, one after the other: a new one ends the one before, and dropping this ends the last.
pub(super) struct Stages {
    is_terminal: bool,
    /// Says a line: [`super::tell`], but in a test.
    tell: fn(&str),
    current: Mutex<Option<Stage>>,
}

struct Stage {
    name: String,
    began: Instant,
    bar: Option<ProgressBar>,
}

/// What takes less is not worth a word.
const LEAST: Duration = Duration::from_secs(1);

impl Stages {
    pub(super) fn new(tell: fn(&str)) -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
            tell,
            current: Mutex::default(),
        }
    }

    /// Begins a stage, and says so.
    pub(super) fn begin(&self, name: &str) {
        self.end();
        (self.tell)(name);
        let bar = self.is_terminal.then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        let stage = Stage {
            name: name.to_owned(),
            began: Instant::now(),
            bar,
        };
        *self.current.lock().expect("no panic while held") = Some(stage);
    }

    fn end(&self) {
        let stage = self.current.lock().expect("no panic while held").take();
        let Some(Stage { name, began, bar }) = stage else {
            return;
        };
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let name = name.split([';', '(']).next().unwrap_or_default().trim_end();
        tell_time(self.tell, name, began);
    }
}

/// Says how long something took that is over now, if that is worth a word.
pub(super) fn tell_time(tell: fn(&str), name: &str, began: Instant) {
    let took = began.elapsed();
    if took >= LEAST {
        tell(&format!("  {name}: {:.1} s", took.as_secs_f64()));
    }
}

impl Drop for Stages {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    thread_local! {
        static SAID: RefCell<Vec<String>> = const { RefCell::new(vec![]) };
    }

    #[test]
    fn what_took_a_second_says_how_long_it_took() {
        let tell = |line: &str| SAID.with_borrow_mut(|it| it.push(line.to_owned()));
        let stages = Stages::new(tell);
        stages.begin("quick");
        stages.begin("slow (only this once)");
        let mut current = stages.current.lock().unwrap();
        current.as_mut().unwrap().began -= LEAST;
        drop(current);
        drop(stages);
        let said = SAID.with_borrow(Clone::clone);
        assert_eq!(said[..2], ["quick", "slow (only this once)"]);
        assert!(said[2].starts_with("  slow: 1."), "{said:?}");
        assert_eq!(said.len(), 3);
    }
}
