"""Connects, joins a room, sends a message and prints what it hears, a line each.

It ends when it has been told that somebody else sent something.

    python messenger.py HOST:PORT TOKEN TRANSPORT ROOM TEXT
"""

import json
import sys
import threading

import socketio

SERVER, TOKEN, TRANSPORT, ROOM, TEXT = sys.argv[1:6]
client = socketio.Client(reconnection=False)
CHAT = "/chat"
# Each event has a thread of its own.
telling = threading.Lock()


def tell(line):
    with telling:
        print(json.dumps(line), flush=True)


@client.on("messages:offline", namespace=CHAT)
def on_offline(messages):
    tell({"offline": messages})


@client.on("message:delivered", namespace=CHAT)
def on_delivered(data):
    tell({"event": "message:delivered", "data": data})


@client.on("message:new", namespace=CHAT)
def on_message(data):
    tell({"heard": data, "over": client.transport()})
    if data["content"] == TEXT:
        return
    client.emit("message:read", {"messageId": data["messageId"]}, namespace=CHAT, callback=done)


def done(answer):
    tell({"read": answer})
    client.disconnect()


@client.on("disconnect", namespace=CHAT)
def on_disconnect(reason):
    tell({"disconnected": reason})


transports = ["polling", "websocket"] if TRANSPORT == "both" else [TRANSPORT]
try:
    client.connect(
        f"http://{SERVER}",
        auth={"token": TOKEN},
        namespaces=[CHAT],
        transports=transports,
        retry=False,
    )
except socketio.exceptions.ConnectionError as error:
    tell({"refused": str(error)})
    sys.exit()
tell({"connected": True})
tell({"joined": client.call("room:join", {"roomId": ROOM}, namespace=CHAT)})
message = {"roomId": ROOM, "content": TEXT, "messageType": "TEXT"}
tell({"sent": client.call("message:send", message, namespace=CHAT)})
client.wait()
