"""A timetable of one line, to be reckoned by hand."""

from __future__ import annotations

import zipfile
from pathlib import Path

# From 5 km east of the seat (111.00, 35.02) to it in ten minutes, every twenty minutes from six to eight.
SEAT_STOP, VILLAGE_STOP = (111.0, 35.02), (111.055, 35.02)


def feed(path: Path, *, headway: int = 1200, first: str = "20261101", last: str = "20271101") -> Path:
    """A timetable of one line from a village to the seat and back."""
    days = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
    tables = {
        "agency": "agency_id,agency_name,agency_url,agency_timezone\na,A,https://example.org,Asia/Shanghai\n",
        "calendar": f"service_id,{days},start_date,end_date\nd,1,1,1,1,1,1,1,{first},{last}\n",
        "routes": "route_id,agency_id,route_short_name,route_type\n8,a,8路,3\n",
        "stops": "stop_id,stop_name,stop_lat,stop_lon\n"
        + "".join(f"{name},{name},{lat},{lon}\n" for name, (lon, lat) in (("村口", VILLAGE_STOP), ("县城", SEAT_STOP))),
        "trips": "route_id,service_id,trip_id\n8,d,in\n",
        "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "in,06:00:00,06:00:00,村口,1\nin,06:10:00,06:10:00,县城,2\n",
        "frequencies": f"trip_id,start_time,end_time,headway_secs\nin,06:00:00,20:00:00,{headway}\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in tables.items():
            archive.writestr(f"{name}.txt", text)
    return path
