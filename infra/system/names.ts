/** The processes of the system and their ports. */

export const serviceNames = ['rides', 'transaction', 'email', 'analytics'] as const;
export type ServiceName = (typeof serviceNames)[number];
export type ProcessName = ServiceName | 'flow' | 'mailbox';
export const processNames: readonly ProcessName[] = ['mailbox', ...serviceNames, 'flow'];

/** Ports of a system; 0 means any free port. */
export interface Ports {
  rides: number;
  transaction: number;
  email: number;
  analytics: number;
  /** Missing if flow is not started. */
  flow?: number;
  mailbox: number;
  smtp: number;
}

export const defaultPorts: Required<Ports> = {
  rides: 4000,
  transaction: 4001,
  email: 4002,
  analytics: 4003,
  flow: 4004,
  mailbox: 1080,
  smtp: 1025,
};
