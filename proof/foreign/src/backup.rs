//! A backup before its signature was compared. What is read as whole must give the same bytes when it is written again.

use domain::backup::{Closed, Header, Kind, Reader, Record, Table, Value, Writer};
use ids::Timestamp;

/// Bytes that are fed at a time.
const PIECE: usize = 97;

/// A file that says that it is a backup.
pub fn backup(data: &[u8]) {
    if let Some(records) = read(data) {
        assert_eq!(written(records), data, "what is whole has one form");
    }
}

/// All records, when it is whole.
fn read(data: &[u8]) -> Option<Vec<Record>> {
    let mut reader = Reader::new();
    let mut records = Vec::new();
    for piece in data.chunks(PIECE) {
        reader.feed(piece);
        while let Some(record) = reader.poll_record().ok()? {
            records.push(record);
        }
    }
    reader.finish().ok()?;
    Some(records)
}

fn written(records: Vec<Record>) -> Vec<u8> {
    let mut records = records.into_iter();
    let Some(Record::Header(header)) = records.next() else { panic!("the header comes first") };
    let (mut writer, mut bytes) = Writer::begin(&header).expect("it was in a record");
    for record in records {
        let more = match record {
            Record::Header(_) => panic!("there is one header"),
            Record::Table(table) => writer.table(&table),
            Record::Rows(rows) => writer.rows(&rows),
            Record::TableEnd { .. } => writer.end_table(),
            Record::Closing(Closed { head, signature, .. }) => {
                let closing = writer.close(head.as_deref()).expect("it was in a record");
                bytes.extend(closing.signed(&signature));
                return bytes;
            }
        };
        bytes.extend(more.expect("it was in a record"));
    }
    panic!("what is whole has a closing record")
}

/// A small one.
pub(crate) fn seed() -> Vec<u8> {
    let header = Header {
        made: Timestamp::from_millis(7),
        program: "0.1.0".into(),
        migrations: vec![1, 2],
        root_key_check: vec![1; 32],
        audit_seed: vec![2; 61],
    };
    let columns = [("id", Kind::Bytes), ("at", Kind::Number), ("name", Kind::Text)];
    let columns = columns.map(|(name, kind)| (name.to_owned(), kind)).into();
    let row = vec![Value::Bytes(vec![3; 16]), Value::Number(-4), Value::Text("æ".into())];
    let closing = Closed {
        tables: 1,
        rows: 2,
        head: Some("samrom audit head v1\n".into()),
        digest: [0; 32],
        signature: [5; 64],
    };
    written(vec![
        Record::Header(header),
        Record::Table(Table { name: "thing".into(), columns }),
        Record::Rows(vec![row, vec![Value::Empty, Value::Empty, Value::Empty]]),
        Record::TableEnd { rows: 2 },
        Record::Closing(closing),
    ])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_seed_is_whole() {
        assert!(super::read(&super::seed()).is_some());
    }
}
