/** Every scenario, in the order in which they run. */
import { alarms } from './alarms.ts';
import { brokerKills, brokerOfThree, brokerUpgrade } from './brokers.ts';
import { crashes } from './crashes.ts';
import { killedAtEnds } from './ends.ts';
import { expired } from './expired.ts';
import { foreignMessages } from './foreign.ts';
import { frozenBroker, frozenOfThree } from './frozen.ts';
import { grown } from './grown.ts';
import { hostile } from './hostile.ts';
import { idempotency } from './idempotency.ts';
import { kills } from './kills.ts';
import { lostAnswers } from './lost-answers.ts';
import { mailServer } from './mail-server.ts';
import { noBroker } from './no-broker.ts';
import { overload } from './overload.ts';
import type { Scenario } from './scenario.ts';
import { networkSplit } from './split.ts';
import { statistics } from './statistics.ts';
import { threeTransactions, zombie } from './transactions.ts';
import { upgrade } from './upgrade.ts';

export const scenarios: Scenario[] = [
  crashes,
  kills,
  threeTransactions,
  zombie,
  brokerKills,
  killedAtEnds,
  brokerOfThree,
  frozenBroker,
  frozenOfThree,
  networkSplit,
  brokerUpgrade,
  lostAnswers,
  foreignMessages,
  mailServer,
  overload,
  noBroker,
  idempotency,
  hostile,
  statistics,
  upgrade,
  expired,
  grown,
  alarms,
];
