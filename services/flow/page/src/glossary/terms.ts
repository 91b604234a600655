/** Every term of the field that the page uses, explained where it stands. */
export const terms = {
  topic:
    'A topic is a named log in Kafka. Services write messages to its end and read them in order; reading removes nothing.',
  partition:
    'A topic is split into partitions. Each is a log of its own with its own order, and has one reader per service at a time. Messages with the same key go to the same partition.',
  offset:
    'The number of a message in its partition. It is given once, counts up, and is never used again. Markers of transactions take one too.',
  'end offset': 'The next offset that will be written: one past the newest message of the partition.',
  'committed offset':
    'The offset up to which a service has finished its partition. After a restart it continues from its committed offset. It is the triangle below a lane.',
  lag: 'How many offsets are still in front of a reader: from its committed offset to the end of the partition. Markers of transactions count too, so it can be greater than the number of messages. It is the bar from the triangle to the right end.',
  group:
    'A consumer group: all processes of one service. Kafka gives each partition to one of them, and each group reads every message.',
  rebalance:
    'When a process joins or leaves its group, Kafka hands out the partitions anew. A lane then takes the colour of its new owner.',
  process:
    'One running program. A service may run as several processes; they share its partitions. A colour on this page stands for a process. There are six colours, so a new process may get the colour of another one.',
  waiting: 'A message that at least one of its readers has not finished.',
  read: 'Every reader has finished it. It stays on its topic: a log is not a queue that empties.',
  'open transaction':
    'The message is written, but its transaction has not ended: a read-committed reader is not shown it yet, nor anything behind it on its partition. This page reads uncommitted, so it shows the message already.',
  'last stable offset':
    'The first offset of the oldest open transaction of a partition, or its end. A read-committed reader stops there. A dashed line marks it while a transaction is open.',
  'several offsets':
    'More messages came than can be drawn, so one mark stands for several offsets: how many is said above the lanes. A dead letter, a lost request or an open transaction among them shows; point at the mark to read what else is.',
  aborted:
    'Its transaction was given up. The message keeps its offset, and no read-committed reader ever sees it: it counts nowhere.',
  'transaction marker':
    'Kafka itself writes it when a transaction commits or aborts. It takes an offset, and is the reason for gaps in the numbers of messages.',
  rejected:
    'A decision like any other: the payment was declined, so the ride is rejected and its customer told. It is not an error.',
  'dead letter':
    'A message that its reader can never process. The reader parks a copy with the reason on its dead-letter topic and goes on with the next, so that one bad message stops nobody.',
  'dead-lettered':
    'Requests that the transaction service could never process, and that nobody has replayed. What email or analytics parked is decided already, and is no part of this sum; the tab “Dead letters” lists both.',
  accepted:
    'Requests that Kafka has on ride_details, each counted once. rides answered 202 for its own, or 503 “Outcome unknown” where Kafka did not confirm in time. The others were written straight to the topic: messages without a key, and poison.',
  confirmed: 'Rides with a committed decision that gives them a driver.',
  'in flight': 'Accepted rides that are not decided yet, or whose decision is in an open transaction.',
  lost: 'Accepted rides that nobody will ever decide: their offset is committed, and there is no decision for it. Exactly once and at least once rule it out; at most once does not.',
  expired:
    'Accepted rides whose request Kafka deleted before the transaction service had decided it, because the topic keeps messages for a limited time or size.',
  'no longer kept':
    'Accepted rides of which Kafka has deleted what may have become of them: whether they were decided, nobody can tell any more.',
  overtaken:
    'Rides that were decided after a ride of the same customer that was requested later. Within one partition that cannot happen. Rides without a key spread over the partitions, and Kafka promises no order between those.',
  twice:
    'Rides that were decided more than once. Exactly once and at most once rule it out; at least once does not.',
  mailed:
    'Mails that the mail server took, repeats too: counted from the mailbox and from the committed offsets of email. Kafka cannot undo a mail, so exactly once ends here: a crash between the mail and the commit sends the mail again, with the same Message-ID.',
  repeated:
    'Mails of which the mailbox has another copy with the same Message-ID. The mail server took the first copy, and email died or got no answer before it could commit the offset; or the ride was decided twice.',
  'no mailbox':
    'No mailbox can be asked here, so repeated mails are not counted: “mailed” counts the decisions that email has finished, by its committed offsets.',
  counted:
    'Decisions in the statistics. With exactly once, they are stored in one database transaction with their offset. A ride that was decided twice has two decisions, so the statistics count it twice.',
  'exactly once':
    'The effect of each message happens once, whichever process crashes: reading, writing and the committed offset are one transaction.',
  'at least once': 'No message is lost, but after a crash some may be handled again.',
  'at most once': 'No message is handled twice, but after a crash some may be lost.',
  key: 'Messages with the same key go to the same partition, which keeps them in order. Here the key is the customer.',
  headers:
    'Small named values beside key and value: what kind of message it is (CloudEvents), which trace it belongs to, and what caused it.',
  cause: 'The message that was read and led to this one, by its coordinates.',
  coordinates: 'Topic, partition and offset: the address of one message, the same for ever.',
  'p50 and p99':
    'Of the rides that were decided in one second, half were faster than p50, and 99 of 100 faster than p99. The figure above is of the latest second in which a ride was decided.',
  retry:
    'Something outside did not answer, and the same message is tried again after a growing wait. Its partition waits with it, so that the order is kept.',
} as const;

export type TermName = keyof typeof terms;
