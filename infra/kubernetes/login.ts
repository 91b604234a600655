/** Component `kafka-login`: every service logs in to Kafka over TLS, as the user that has its name. */
import { type Deployed, services } from './plan.ts';
import { because } from './yaml.ts';

/** The Secret with the certificate authority of the brokers; Strimzi makes it for the cluster `rideflow`. */
export const authority = { name: 'rideflow-cluster-ca-cert', key: 'ca.crt' };
/** The Secret with the password of a service; Strimzi makes it for the KafkaUser of the same name. */
export const passwordOf = (service: Deployed) => ({ name: service as string, key: 'password' });
const folder = '/run/secrets/kafka';

/** One patch for each service. */
export const loginPatches = () =>
  services.map((service) => ({
    apiVersion: 'apps/v1',
    kind: service === 'analytics' ? 'StatefulSet' : 'Deployment',
    metadata: { name: service },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: service,
              env: [
                { name: 'KAFKA_TLS_CA', value: `${folder}/${authority.key}` },
                { name: 'KAFKA_SASL_MECHANISM', value: 'scram-sha-512' },
                because('`npm run acls` and the KafkaUser resources give the permissions to this name.', {
                  name: 'KAFKA_SASL_USERNAME',
                  value: service,
                }),
                { name: 'KAFKA_SASL_PASSWORD_FILE', value: `${folder}/${passwordOf(service).key}` },
              ],
              volumeMounts: [{ name: 'kafka-login', mountPath: folder, readOnly: true }],
            },
          ],
          volumes: [
            {
              name: 'kafka-login',
              projected: {
                sources: [secret(passwordOf(service)), secret(authority)],
              },
            },
          ],
        },
      },
    },
  }));

const secret = ({ name, key }: { name: string; key: string }) => ({
  secret: { name, items: [{ key, path: key }] },
});
