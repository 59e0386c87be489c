"""Listens on a room's socket and, once connected, sends a message by requests.

Prints a line for the answer and one for each frame.

    python feed.py HOST:PORT ROOM USER TEXT
"""

import json
import sys
import threading

import requests
import websocket

SERVER, ROOM, USER, TEXT = sys.argv[1:5]
printing = threading.Lock()


def tell(line):
    with printing:
        print(json.dumps(line), flush=True)


def send():
    answer = requests.post(
        f"http://{SERVER}/api/v1/chat/rooms/{ROOM}/messages",
        json={"user_id": int(USER), "message": TEXT},
        timeout=10,
    )
    tell({"status": answer.status_code, "answer": answer.json()})


def on_open(ws):
    threading.Thread(target=send).start()


def on_message(ws, message):
    frame = json.loads(message)
    tell({"frame": frame})
    if frame["type"] == "message":
        ws.close()


def on_close(ws, code, reason):
    tell({"closed": code})


websocket.WebSocketApp(
    f"ws://{SERVER}/ws/chat/{ROOM}?user_id={USER}",
    on_open=on_open,
    on_message=on_message,
    on_close=on_close,
).run_forever()
