/** What a lab gives to the student's code. `import type { … } from '#lab'` finds this file from any folder of the project. */
import type { Admin, Kafka, KafkaMessage, Message, Producer } from 'kafkajs';

/** The coordinates of a message. */
export interface Place {
  topic: string;
  partition: number;
  offset: string;
}

/** The loyalty program. Its database is on another machine, so each call takes a moment. */
export interface Points {
  /**
   * Gives a customer points for the ride at this place. Resolves when they are stored.
   * @param place the coordinates of the message, kept with the points as their receipt
   */
  add(customer: string, points: number, place: Place): Promise<void>;
}

/** Points with a memory, in the same database. */
export interface RememberingPoints extends Points {
  /** Whether `remember` was called with this key. The database keeps it over restarts. */
  remembers(key: string): Promise<boolean>;
  remember(key: string): Promise<void>;
  /** Everything that the function changes in the database happens together or, after a crash or an error, not at all. */
  transaction(change: () => Promise<void>): Promise<void>;
}

/** The balances of customers. The database is on another machine, so each call takes a moment. */
export interface Accounts {
  /** The points of a customer; 0 for a new one. */
  read(customer: string): Promise<number>;
  /**
   * Stores the points of a customer.
   * @param place the message that the points were changed for
   * @param epoch what `claim` has returned; if the partition of the place was claimed again since, nothing is stored
   * @throws Error with the name `Fenced` when the epoch is not the newest one
   */
  write(customer: string, points: number, place: Place, epoch?: number): Promise<void>;
  /** Claims a partition. Returns its next epoch, which is larger than all before. */
  claim(partition: number): Promise<number>;
  /** The newest epoch of a partition; 0 if nobody has claimed it. */
  newest(partition: number): Promise<number>;
}

export interface Zombie {
  kafka: Kafka;
  accounts: Accounts;
}

export interface FirstConsumer {
  kafka: Kafka;
  points: Points;
}

export interface Idempotence {
  kafka: Kafka;
  points: RememberingPoints;
}

/**
 * Decides a ride, as the service transaction does. Returns the record for the topic ride_confirmed, with its key, its partition
 * (that of the ride) and headers that name the ride.
 * @throws Error when the message is not a ride
 */
export type Decide = (message: KafkaMessage, place: Place) => Message;

export interface ExactlyOnce {
  kafka: Kafka;
  decide: Decide;
}

/** Turns a message that cannot be read into a record for the dead-letter topic of the service. */
export type Park = (message: KafkaMessage, place: Place, reason: string) => Message;

export interface Poison {
  kafka: Kafka;
  /** @throws Error with the name `Unprocessable` when the message can never be read; any other error passes by itself */
  decide: Decide;
  park: Park;
}

/** The mail server. It stores each mail that it accepts, and knows nothing of Kafka. */
export interface Mailer {
  /** Resolves when the server has accepted the mail. */
  send(mail: { to: string; subject: string; messageId: string; rideId: string }): Promise<void>;
}

export interface MailBoundary {
  kafka: Kafka;
  mailer: Mailer;
}

/** A ride as a customer requests it. */
export interface Ride {
  id: string;
  customer_id: string;
  customer_email: string;
  location: { lat: number; long: number };
  requested_at: string;
}

/** The database of the booking desk. */
export interface DeskDatabase {
  insertRide(ride: Ride): Promise<void>;
  /** The outbox: records that are still to be sent. */
  insertIntoOutbox(ride: Ride): Promise<void>;
  outbox(): Promise<{ number: number; ride: Ride }[]>;
  deleteFromOutbox(number: number): Promise<void>;
  /** Everything that the function changes in the database happens together or, after a crash or an error, not at all. */
  transaction(change: () => Promise<void>): Promise<void>;
}

export interface DualWrite {
  kafka: Kafka;
  db: DeskDatabase;
  /** The finished record of a ride for the topic ride_details. A ride always gives the same identity (ce_id). */
  record: (ride: Ride) => Message;
}

/** What the desk of lab 4 offers: called once for each customer. Resolves when the customer may close the app. */
export interface Desk {
  book(ride: Ride): Promise<void>;
}

/** A producer and the topic for the rides of lab 2. */
export interface KeysAndOrder {
  producer: Producer;
  topic: string;
}

/** Views of the rides: how many rides each customer has had. */
export interface Views {
  /** Counts one ride of a customer in a view. A view that is not there begins empty. Resolves when it is stored. */
  count(view: string, customer: string, place: Place): Promise<void>;
  /** Removes everything from a view. */
  clear(view: string): Promise<void>;
  /** From now on, customers see this view. */
  serve(view: string): Promise<void>;
}

export interface TimeTravel {
  kafka: Kafka;
  topic: string;
  views: Views;
}

/** A topic whose partitions several processes share. */
export interface Rebalance {
  kafka: Kafka;
  topic: string;
  points: Points;
}

/** The payment provider. It is slow: each call takes a moment. */
export interface Payments {
  /** Takes the payment for a ride. Resolves when it is taken. @param place the coordinates of the ride */
  take(ride: Ride, place: Place): Promise<void>;
}

/** A slow service on a topic whose partitions several processes can share. */
export interface Backpressure {
  kafka: Kafka;
  topic: string;
  payments: Payments;
}

/** What to ask for the rides that wait. */
export interface Waiting {
  admin: Admin;
  topic: string;
  groupId: string;
}

/** One release of rideflow, with its writer and its reader of ride_confirmed. Both run in several processes. */
export interface Release {
  /** What the writer puts on ride_confirmed. @param rest all fields except for that of the driver @param driver null if rejected */
  write(rest: Record<string, unknown>, driver: string | null): Record<string, unknown>;
  /** The driver in a message. @throws Error when the message cannot be read */
  read(message: Record<string, unknown>): string | null;
  /**
   * Before this release starts, you wait until Kafka has deleted everything that was written before all processes ran the
   * previous release.
   */
  afterRetention?: true;
}
