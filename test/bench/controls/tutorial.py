"""The scripts of the public tutorials without their sleep: plain JSON, no key, nothing acknowledged.

tutorial.py orders BROKER TO COUNT            writes orders
tutorial.py transaction BROKER FROM TO        reads orders, writes confirmed ones
tutorial.py analytics BROKER FROM COUNT       counts
"""

import json
import sys
import time

from kafka import KafkaConsumer, KafkaProducer

script, broker, *rest = sys.argv[1:]

if script == "orders":
    topic, count = rest
    producer = KafkaProducer(bootstrap_servers=broker)
    producer.partitions_for(topic)
    print("begins", flush=True)
    for i in range(int(count)):
        data = {
            "id": i,
            "customer_id": f"user_{i % 500}",
            "location": "Lat: 12.97, Long: 77.59",
        }
        producer.send(topic, json.dumps(data).encode("utf-8"))
    producer.flush()
    time.sleep(60)

elif script == "transaction":
    source, target = rest
    consumer = KafkaConsumer(source, bootstrap_servers=broker, auto_offset_reset="earliest")
    producer = KafkaProducer(bootstrap_servers=broker)
    consumer.topics()
    print("waits", flush=True)
    for message in consumer:
        ride = json.loads(message.value.decode())
        data = {
            "customer_id": ride["customer_id"],
            "customer_email": f"{ride['customer_id']}@example.com",
            "alloted_driver": "driver_1",
            "pickup_time": "12mins",
        }
        producer.send(target, json.dumps(data).encode("utf-8"))

elif script == "analytics":
    source, count = rest
    consumer = KafkaConsumer(source, bootstrap_servers=broker, auto_offset_reset="earliest")
    consumer.topics()
    print("waits", flush=True)
    rides = 0
    minutes = 0
    for message in consumer:
        ride = json.loads(message.value.decode())
        rides += 1
        minutes += int(ride["pickup_time"].removesuffix("mins"))
        if rides == int(count):
            print("counted", flush=True)
