//! The format of a backup: it reads back as it was written, and no cut and no flipped bit passes.

use domain::backup::{FORMAT, Header, Kind, Malformed, Reader, Record, Row, Table, Value, Writer};
use ids::Timestamp;
use proptest::prelude::*;

fn header() -> Header {
    Header {
        made: Timestamp::from_millis(1_794_312_000_000),
        program: "0.1.0".to_owned(),
        migrations: vec![1, 5],
        root_key_check: vec![7; 32],
        audit_seed: vec![9; 61],
    }
}

fn table() -> Table {
    let column = |name: &str, kind| (name.to_owned(), kind);
    let columns = vec![column("id", Kind::Bytes), column("at", Kind::Number), column("word", Kind::Text)];
    Table { name: "thing".to_owned(), columns }
}

fn rows() -> Vec<Row> {
    vec![
        vec![Value::Bytes(vec![1; 16]), Value::Number(-1), Value::Text("æøå".to_owned())],
        vec![Value::Bytes(vec![2; 16]), Value::Empty, Value::Text(String::new())],
    ]
}

/// A backup with these rows in one table and nothing in another.
fn written(rows: &[Row], head: Option<&str>) -> Vec<u8> {
    let (mut writer, mut bytes) = Writer::begin(&header()).expect("small");
    bytes.extend(writer.table(&table()).expect("small"));
    for part in rows.chunks(3) {
        bytes.extend(writer.rows(part).expect("small"));
    }
    bytes.extend(writer.end_table().expect("small"));
    let empty = Table { name: "empty".to_owned(), ..table() };
    bytes.extend(writer.table(&empty).expect("small"));
    bytes.extend(writer.end_table().expect("small"));
    bytes.extend(writer.close(head).expect("small").signed(&[3; 64]));
    bytes
}

/// Everything in it, fed in pieces of a size.
fn read(bytes: &[u8], piece: usize) -> Result<Vec<Record>, Malformed> {
    let mut reader = Reader::new();
    let mut records = Vec::new();
    for part in bytes.chunks(piece) {
        reader.feed(part);
        while let Some(record) = reader.poll_record()? {
            records.push(record);
        }
    }
    reader.finish()?;
    Ok(records)
}

#[test]
fn it_reads_back_in_pieces_of_any_size() {
    let bytes = written(&rows(), Some("a head\n"));
    for piece in [1, 2, 7, 64, bytes.len()] {
        let records = read(&bytes, piece).expect("whole");
        let [Record::Header(first), Record::Table(table_), Record::Rows(rows_), .., Record::Closing(last)] =
            records.as_slice()
        else {
            panic!("{records:?}")
        };
        assert_eq!((first, table_, rows_), (&header(), &table(), &rows()));
        assert_eq!((last.tables, last.rows, last.head.as_deref()), (2, 2, Some("a head\n")));
        assert_eq!(last.signature, [3; 64]);
    }
}

#[test]
fn sec_051_no_cut_and_no_flipped_byte_passes() {
    let bytes = written(&rows(), None);
    for at in 0..bytes.len() {
        let cut = read(&bytes[..at], 4_096).expect_err("cut");
        assert_eq!(cut, Malformed::Torn, "cut at {at}");
        // The signature is compared by whoever has the key; here it is only carried.
        if at < bytes.len() - 64 {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            read(&bent, 4_096).expect_err("changed");
        }
    }
    let mut longer = bytes;
    longer.push(0);
    read(&longer, 4_096).expect_err("something follows");
}

#[test]
fn sec_051_a_newer_format_and_something_else_are_told_apart() {
    let mut newer = written(&[], None);
    newer[15] += 1;
    assert_eq!(read(&newer, 9), Err(Malformed::Newer { format: FORMAT + 1 }));
    assert_eq!(read(b"SQLite format 3\0 and more", 9), Err(Malformed::NotABackup));
    assert_eq!(read(b"SQL", 9), Err(Malformed::NotABackup));
    assert_eq!(read(b"", 9), Err(Malformed::Torn));
}

#[test]
fn sec_021_values_print_redacted() {
    let text = format!("{:?}", rows());
    assert!(!text.contains('æ') && text.contains("‹text of 6 bytes›"), "{text}");
}

/// A storage format: worked out by hand from the description; never to change.
#[test]
fn the_format_is_frozen() {
    let header = Header { made: Timestamp::from_millis(1), migrations: vec![1], ..header() };
    let header = Header { program: "p".into(), root_key_check: vec![7], audit_seed: vec![9], ..header };
    let (mut writer, mut bytes) = Writer::begin(&header).expect("small");
    let columns = vec![("n".to_owned(), Kind::Number)];
    bytes.extend(writer.table(&Table { name: "t".into(), columns }).expect("small"));
    bytes.extend(writer.rows(&[vec![Value::Number(2)], vec![Value::Empty]]).expect("small"));
    bytes.extend(writer.end_table().expect("small"));
    let closing = writer.close(Some("h")).expect("small");
    let digest = *closing.digest();
    bytes.extend(closing.signed(&[0; 64]));
    let mut wanted = b"samrom backup\0\0\x01".to_vec();
    wanted.extend(b"\x01\0\0\0\x23\0\0\0\0\0\0\0\x01\0\0\0\x01p\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x01\x07\0\0\0\x01\x09");
    wanted.extend(b"\x02\0\0\0\x0f\0\0\0\x01t\0\0\0\x01\0\0\0\x01n\x01");
    wanted.extend(b"\x03\0\0\0\x0e\0\0\0\x02\x01\0\0\0\0\0\0\0\x02\0");
    wanted.extend(b"\x04\0\0\0\x08\0\0\0\0\0\0\0\x02");
    wanted.extend(b"\x05\0\0\0\x72\0\0\0\x01\0\0\0\0\0\0\0\x02\x01\0\0\0\x01h");
    let (body, rest) = bytes.split_at(wanted.len());
    assert_eq!(body, wanted);
    assert_eq!(rest, [digest.as_slice(), &[0; 64]].concat());
}

proptest! {
    #[test]
    fn sec_023_rubbish_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, 64);
        let mut begun = written(&[], None);
        begun.truncate(100);
        begun.extend(bytes);
        let _ = read(&begun, 64);
    }

    #[test]
    fn any_rows_read_back(rows in proptest::collection::vec(row(), 0..9)) {
        let records = read(&written(&rows, None), 33).expect("whole");
        let found = records.into_iter().filter_map(|record| match record {
            Record::Rows(rows) => Some(rows),
            _ => None,
        });
        prop_assert_eq!(found.flatten().collect::<Vec<_>>(), rows);
    }
}

fn row() -> impl Strategy<Value = Row> {
    let id = any::<Vec<u8>>().prop_map(Value::Bytes);
    let at = any::<Option<i64>>().prop_map(|number| number.map_or(Value::Empty, Value::Number));
    (id, at, any::<String>().prop_map(Value::Text)).prop_map(|(id, at, word)| vec![id, at, word])
}
