"""How long Kafka's clients wait for a broker before they say that it is away, in milliseconds."""

REQUEST_MS = 15_000
BOOTSTRAP_MS = 10_000
DELIVERY_MS = 60_000
WATCH_MS = 5_000
