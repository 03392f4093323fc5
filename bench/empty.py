"""The floor under every page: a Flask application that answers with nothing."""

from flask import Flask

app = Flask(__name__)
app.add_url_rule("/", "empty", lambda: "")
