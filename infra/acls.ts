/** Prints what each service is allowed to do at the broker, or makes the broker enforce it. */
import { parseArgs } from 'node:util';
import { commonConfig, given, readConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import { ensureTopics } from '@rideflow/shared/kafka/ensure-topics.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import { type ServiceName, topology } from '@rideflow/shared/topology.ts';
import { apply } from './acls/apply.ts';
import { allPermissions } from './acls/derive.ts';

const usage = `Usage: npm run acls [-- --apply]

Prints what each service is allowed to do at the broker. The list is derived from the table in shared/src/topology.ts.
Each service logs in as the user that has its name.

  --apply   creates the missing topics and sets the access control list of the cluster at KAFKA_BROKERS: these users
            get exactly these permissions. KAFKA_SASL_USERNAME must be allowed to alter the cluster.
            PARTITIONS and REPLICATION_FACTOR say how it creates topics: as the services have them
  --help    shows this text
`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { apply: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) return void process.stdout.write(usage);
  const permissions = allPermissions();
  for (const { service, operation, kind, name, prefix, why } of permissions) {
    const what = `${kind} ${name}${prefix ? '*' : ''}`;
    console.log(`${service.padEnd(11)} ${operation.padEnd(15)} ${what.padEnd(40)} ${why}`);
  }
  if (!values.apply) return;
  // The defaults are for one broker: a topic with one replica is lost with its broker.
  for (const name of ['PARTITIONS', 'REPLICATION_FACTOR'])
    if (!given(process.env, name))
      throw new Error(
        `${name} must be set, because --apply creates the missing topics; for example PARTITIONS=6 REPLICATION_FACTOR=3 for three brokers`,
      );
  const config = readConfig(commonConfig('rides', 0), { ...process.env, PORT: '', GUARANTEE: '' });
  const log = createLogger('acls', config.LOG_LEVEL);
  for (const name of Object.keys(topology) as ServiceName[]) await ensureTopics({ name, config, log });
  const admin = connect({ name: 'acls', config, log }, 'admin').admin();
  await admin.connect();
  const { added, removed } = await apply(admin, permissions);
  await admin.disconnect();
  console.log(`The broker enforces this: ${added} added, ${removed} removed.`);
}

await main().catch((error: Error) => {
  console.error(`acls: ${error.message}`);
  process.exitCode = 1;
});
