"""Buses: how long from every village to its county seat, by a GTFS feed: walk, wait by headway, ride, change, walk."""

from linli.reach.transit.asking import FROM_A_ROAD, OnFoot, Ridden, SeatTime, SeatTimes, seat_times
from linli.reach.transit.feed import Feed, problems_of, read_feed, within_days
from linli.reach.transit.journeys import Journey, journeys
from linli.reach.transit.rides import Rides, Window, rides
from linli.reach.transit.walks import DETOUR, Reach, Walks, network_walks, straight_walks

__all__ = [
    "DETOUR",
    "FROM_A_ROAD",
    "Feed",
    "Journey",
    "OnFoot",
    "Reach",
    "Ridden",
    "Rides",
    "SeatTime",
    "SeatTimes",
    "Walks",
    "Window",
    "journeys",
    "network_walks",
    "problems_of",
    "read_feed",
    "rides",
    "seat_times",
    "straight_walks",
    "within_days",
]
