"""A few lines in the manner of the public tutorials: plain JSON, no key, no headers.

tutorial.py BROKER book CUSTOMER   stands in for rides: writes one ride
tutorial.py BROKER listen CUSTOMER stands in for email: prints the decision on that customer's ride
"""

import json
import sys

from kafka import KafkaConsumer, KafkaProducer

broker, mode, customer = sys.argv[1:]

if mode == "book":
    producer = KafkaProducer(
        bootstrap_servers=broker,
        value_serializer=lambda value: json.dumps(value).encode("utf-8"),
    )
    ride = {"id": 0, "customer_id": customer, "location": "Lat: 12.97, Long: 77.59"}
    sent = producer.send("ride_details", ride).get(timeout=20)
    producer.close()
    print(f"{sent.topic}/{sent.partition}/{sent.offset}")
else:
    consumer = KafkaConsumer(
        "ride_confirmed",
        bootstrap_servers=broker,
        auto_offset_reset="earliest",
        consumer_timeout_ms=30000,
    )
    for message in consumer:
        decision = json.loads(message.value.decode("utf-8"))
        if decision["customer_id"] == customer:
            print(json.dumps(decision))
            break
    consumer.close(autocommit=False)
