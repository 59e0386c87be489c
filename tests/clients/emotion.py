"""Talks about emotions with websockets and requests, as the guide's users do.

Opens a session by connecting, says what it is given, one thing after the other, and prints a line for
each frame; then one for the steps that are kept.

    python emotion.py HOST:PORT USER TEXT...
"""

import asyncio
import json
import sys

import requests
import websockets

SERVER, USER, *TEXTS = sys.argv[1:]


def tell(line):
    print(json.dumps(line, ensure_ascii=False), flush=True)


async def talk():
    async with websockets.connect(f"ws://{SERVER}/ws/emotion?user_id={USER}") as ws:
        session = json.loads(await ws.recv())["session_id"]
        for text in TEXTS:
            await ws.send(json.dumps({"user_input": text, "step_type": "normal"}))
            heard = ""
            while True:
                frame = json.loads(await ws.recv())
                tell({"frame": frame})
                if "token" in frame:
                    heard += frame["token"]
                elif frame.get("done"):
                    tell({"heard": heard, "step_id": frame["step_id"]})
                    break
        return session


try:
    session = asyncio.run(talk())
except websockets.exceptions.ConnectionClosed as closed:
    tell({"closed": closed.rcvd.code})
else:
    answer = requests.get(f"http://{SERVER}/emotion/steps/{session}", timeout=10)
    tell({"status": answer.status_code, "steps": answer.json()})
