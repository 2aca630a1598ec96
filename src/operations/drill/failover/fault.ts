import type { Host } from '../../../host/host.ts';
import type { HostSpec, Spec } from '../../../spec/schema.ts';
import { processFault } from './faults/process.ts';
import { networkCut } from './faults/network-cut.ts';
import { powerLoss } from './faults/power-loss.ts';
import type { PowerSwitch } from './machines.ts';

export type FaultKind = 'crash' | 'freeze' | 'power' | 'partition';
/** What a crash or a freeze hits. */
export type HitProcess = 'postmaster' | 'patroni';

/** Which fault a drill injects. */
export interface FaultChoice {
  readonly kind: FaultKind;
  readonly process: HitProcess;
}

/** A fault that only waits for its moment. */
export interface ArmedFault {
  /** Resolves when it has happened; when it began is the moment of the call. */
  inject(): Promise<void>;
  /** Takes it back; does nothing when there is nothing to take back, and may be called twice. */
  undo(): Promise<void>;
}

/** Where a fault happens, and with what. */
export interface FaultScene {
  readonly spec: Spec;
  readonly target: HostSpec;
  readonly host: Host;
  readonly power: PowerSwitch | undefined;
  /** The host takes the fault back by itself after so long, whatever has become of us. */
  readonly undoAfterMs: number;
}

/** The fault of a choice, in words: `kill -9 of the postmaster`. Pure. */
export function faultTitle({ kind, process }: FaultChoice): string {
  switch (kind) {
    case 'crash':
      return `${NAMES[process]} killed (SIGKILL)`;
    case 'freeze':
      return `${NAMES[process]} frozen (SIGSTOP)`;
    case 'power':
      return 'the host loses its power';
    case 'partition':
      return 'the host is cut off the network';
  }
}

const NAMES = { postmaster: 'the postmaster', patroni: 'Patroni' } as const;

/** Prepares a fault on the host of the primary, so that nothing but the last moment is left. */
export async function armFault(choice: FaultChoice, scene: FaultScene): Promise<ArmedFault> {
  switch (choice.kind) {
    case 'crash':
      return processFault(scene, choice.process, 'KILL');
    case 'freeze':
      return processFault(scene, choice.process, 'STOP');
    case 'power':
      return powerLoss(scene);
    case 'partition':
      return networkCut(scene);
  }
}
