//! Numbers, times and tables for people.

use std::fmt::Write as _;

/// `1.5 MiB`.
pub fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["B", "KiB", "MiB"] {
        if value < 1024.0 {
            return if unit == "B" { format!("{count} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1024.0;
    }
    format!("{value:.1} GiB")
}

/// `1.25 ms`, from microseconds.
pub fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.2} ms", us as f64 / 1e3),
        _ => format!("{:.2} s", us as f64 / 1e6),
    }
}

/// `2026-01-31 23:59:59Z`, from milliseconds since the Unix epoch.
pub fn date_time(ms: u64) -> String {
    let (year, month, day) = date((ms / 86_400_000) as i64);
    format!("{year:04}-{month:02}-{day:02} {}Z", &clock(ms)[..8])
}

/// `23:59:59.999`, from milliseconds since the Unix epoch; UTC.
pub fn clock(ms: u64) -> String {
    let (s, ms) = (ms / 1000 % 86_400, ms % 1000);
    format!("{:02}:{:02}:{:02}.{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

/// Columns under their headings, two spaces apart.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|it| it.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let headings: Vec<String> = headings.iter().map(|&it| it.to_owned()).collect();
    for row in std::iter::once(&headings).chain(rows) {
        let mut line = String::new();
        for (&width, cell) in widths.iter().zip(row) {
            // Writing to a String cannot fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// `text` for a terminal: control characters that a tenant could drive the terminal with are
/// replaced; line breaks and tabs stay.
pub fn printable(text: &str) -> String {
    let harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().map(|c| if harmless(c) { c } else { '\u{fffd}' }).collect()
}

/// Year, month and day, from days since the Unix epoch (proleptic Gregorian calendar; the year is
/// counted from 1 March, so that the leap day is its last).
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(date_time(0), "1970-01-01 00:00:00Z");
        assert_eq!(date_time(951_827_696_000), "2000-02-29 12:34:56Z");
        assert_eq!(date_time(1_735_689_599_999), "2024-12-31 23:59:59Z");
        assert_eq!(clock(1_735_689_599_042), "23:59:59.042");
    }

    #[test]
    fn sizes_and_durations_have_units() {
        assert_eq!((bytes(1023), bytes(1536)), ("1023 B".into(), "1.5 KiB".into()));
        assert_eq!(bytes(10 << 30), "10.0 GiB");
        assert_eq!((duration(999), duration(1_250)), ("999 µs".into(), "1.25 ms".into()));
    }

    #[test]
    fn columns_line_up() {
        let rows = [vec!["é".to_owned(), "1".to_owned()], vec!["long".to_owned(), String::new()]];
        assert_eq!(table(&["a", "b"], &rows), "a     b\né     1\nlong\n");
    }

    #[test]
    fn a_tenant_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[2J\tb\r\n"), "a\u{fffd}[2J\tb\u{fffd}\n");
    }
}
