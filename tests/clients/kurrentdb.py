"""Appends, reads and follows on a server that speaks KurrentDB's protocol.

Prints a JSON object for each thing found.

    python kurrentdb.py ADDRESS
"""

import json
import sys
from uuid import UUID

from kurrentdbclient import CaughtUp, KurrentDBClient, NewEvent, StreamState
from kurrentdbclient.exceptions import (
    KurrentDBClientError,
    NotFoundError,
    WrongCurrentVersionError,
)


def tell(**found):
    print(json.dumps(found), flush=True)


def said(text, **more):
    return NewEvent(
        type="said",
        data=json.dumps({"text": text}).encode(),
        metadata=b'{"who": "mina"}',
        **more,
    )


client = KurrentDBClient(uri=sys.argv[1])

# Appends at the version that is expected, and at others.
client.append_to_stream(
    "room-1", current_version=StreamState.NO_STREAM, events=[said("1"), said("2")]
)
last = client.append_to_stream("room-1", current_version=1, events=said("3"))
for wrong in (StreamState.NO_STREAM, 0, 9):
    try:
        client.append_to_stream("room-1", current_version=wrong, events=said("4"))
        tell(refused=False)
    except WrongCurrentVersionError:
        tell(refused=True)

# The same once more.
same = said("5", id=UUID(int=5))
first = client.append_to_stream("room-1", current_version=2, events=same)
again = client.append_to_stream("room-1", current_version=2, events=same)
tell(positions_rise=last < first, repeated=first == again)

try:
    client.append_to_stream(
        "room-1", current_version=3, events=said("a" * 1_100_000)
    )
    tell(too_large=False)
except KurrentDBClientError:
    tell(too_large=True)

# Reads both ways.
events = client.get_stream("room-1")
tell(
    read=[[event.stream_position, json.loads(event.data)["text"]] for event in events],
    metadata=json.loads(events[0].metadata),
    type=events[0].type,
    ids_are_kept=events[3].id == UUID(int=5),
    positions_are_told=all(event.commit_position is not None for event in events),
)
down = client.get_stream("room-1", backwards=True, stream_position=2, limit=2)
tell(down=[event.stream_position for event in down])
tell(version=client.get_current_version("room-1"))
try:
    client.get_stream("room-9")
    tell(not_found=False)
except NotFoundError:
    tell(not_found=True)

# The whole log, filtered.
client.append_to_stream("other-1", current_version=StreamState.ANY, events=said("6"))
rooms = client.read_all(
    filter_include=["room-"], filter_by_stream_name=True, filter_by_prefix=True
)
tell(rooms=[event.stream_name for event in rooms])

# A subscription to it catches up and goes on.
seen = []
with client.subscribe_to_all(
    filter_include=["room-"],
    filter_by_stream_name=True,
    filter_by_prefix=True,
    include_caught_up=True,
) as subscription:
    for event in subscription:
        if isinstance(event, CaughtUp):
            seen.append("live")
            client.append_to_stream(
                "other-1", current_version=StreamState.ANY, events=said("7")
            )
            client.append_to_stream(
                "room-2", current_version=StreamState.NO_STREAM, events=said("8")
            )
        else:
            seen.append(json.loads(event.data)["text"])
            if seen[-1] == "8":
                break
tell(seen=seen)
client.close()
