"""Reads calendar files as another program does, and says what it understood.

Standard input: files, each after a line of equals signs. Standard output: one JSON object per file and line. Times are
read by the file's own VTIMEZONE and nothing else, so that a wrong one is seen.
"""

import json
import sys
from datetime import datetime, timezone

from icalendar import Calendar
from icalendar.timezone import tzp


def moment(prop, zones):
    """Seconds since 1970 of a date and time of the file."""
    tzid = prop.params.get("TZID")
    if tzid is None:
        assert prop.dt.utcoffset().total_seconds() == 0, "a time without a zone is in UTC"
        return int(prop.dt.timestamp())
    local = prop.dt.replace(tzinfo=None)
    return int(local.replace(tzinfo=zones[str(tzid)]).astimezone(timezone.utc).timestamp())


def one(text):
    """What is said in one file."""
    for line in text.split(b"\r\n"):
        assert len(line) <= 75, "a line is too long"
        line.decode("utf-8")
        assert b"\n" not in line and b"\r" not in line, "a bare line end"
    calendar = Calendar.from_ical(text)
    zones = {str(zone["TZID"]): zone.to_tz(tzp, lookup_tzid=False) for zone in calendar.walk("VTIMEZONE")}
    events = calendar.walk("VEVENT")
    assert len(events) == 1, "one appointment"
    event = events[0]
    assert not event.errors, event.errors
    attendees = event.get("ATTENDEE", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "stamp": int(event["DTSTAMP"].dt.timestamp()),
        "starts": moment(event["DTSTART"], zones),
        "ends": moment(event["DTEND"], zones),
        "summary": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "status": str(event["STATUS"]),
        "zones": sorted(zones),
        "attendees": [str(one) for one in attendees],
        "organizer": str(event["ORGANIZER"]),
        "url": str(event.get("URL", "")),
        "location": str(event.get("LOCATION", "")),
    }


def main():
    for text in sys.stdin.buffer.read().split(b"====\n"):
        if text:
            print(json.dumps(one(text)))


if __name__ == "__main__":
    main()
