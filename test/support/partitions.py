"""Books one ride for each of so many customers, with the customer as the key, and prints the partition of each as JSON.

partitions.py BROKER LIBRARY COUNT [SETTING=VALUE]    LIBRARY is kafka-python or confluent-kafka
"""

import json
import sys

broker, library, count, *settings = sys.argv[1:]
config = {"bootstrap.servers": broker, **dict(setting.split("=") for setting in settings)}
partitions = {}


def ride(customer):
    return json.dumps({"customer_id": customer, "location": "Lat: 51.5, Long: -5e-05"}).encode()


customers = [f"key_{n}" for n in range(int(count))]
if library == "kafka-python":
    from kafka import KafkaProducer

    producer = KafkaProducer(**{name.replace(".", "_"): value for name, value in config.items()})
    for customer in customers:
        sent = producer.send("ride_details", key=customer.encode(), value=ride(customer))
        partitions[customer] = sent.get(timeout=20).partition
    producer.close()
else:
    from confluent_kafka import Producer

    def delivered(error, message):
        if error:
            sys.exit(str(error))
        partitions[message.key().decode()] = message.partition()

    producer = Producer(config)
    for customer in customers:
        producer.produce("ride_details", key=customer, value=ride(customer), on_delivery=delivered)
    producer.flush(20)

print(json.dumps(partitions))
