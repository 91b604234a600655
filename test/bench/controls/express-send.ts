/** The simple program: a route that awaits `producer.send`. */
import express from 'express';
import { Kafka } from 'kafkajs';

const producer = new Kafka({ brokers: [process.env.KAFKA_BROKERS as string] }).producer();
await producer.connect();

const app = express();
app.use(express.json());
app.post('/rides', async (request, response) => {
  const ride = request.body;
  await producer.send({
    topic: process.env.TO as string,
    messages: [{ key: ride.customer_id, value: JSON.stringify(ride) }],
  });
  response.status(202).json(ride);
});
app.listen(Number(process.env.PORT));
