import type { HostFacts } from '../host/facts.ts';
import type { Host } from '../host/host.ts';
import type { Resource } from '../resources/resource.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';
import type { Secrets } from '../spec/secrets.ts';

/** One host of one cluster: all that a component may know when it says what the host should have. */
export interface Target {
  readonly spec: Spec;
  readonly host: HostSpec;
  readonly facts: HostFacts;
  readonly secrets: Secrets;
}

/** One part of the product. All but `ready` is pure: the same target gives the same resources. */
export interface Component {
  /** The folder's name, also under templates/ and /etc/pgscale. */
  readonly name: string;
  /** What the plan and the progress list call it. */
  readonly title: string;
  /** Whether this host has it. */
  runsOn(host: HostSpec): boolean;
  /** Debian packages with version floors; all components' packages are installed in one go. */
  packages(target: Target): PackageNeed[];
  /** What the host should have, in the order in which it is applied. */
  resources(target: Target): Resource[];
  /** What the cluster as a whole should have (roles, databases, Patroni's shared config): read and applied on the primary's host. */
  clusterResources?(target: Target): Resource[];
  /**
   * Once the cluster runs. serial: hosts are changed one after the other, because a restart costs a member or a vote.
   * newcomers-last: a host on which it does not run yet begins when the others have heard of it.
   */
  readonly rollout?: 'parallel' | 'serial' | 'newcomers-last';
  /** Resolves when the component works on this host after a change; throws with the reason when it will not. */
  ready?(host: Host, target: Target, signal: AbortSignal): Promise<void>;
}

/** A Debian package, and the oldest version that will do (upstream part: `4.1.4`). */
export interface PackageNeed {
  readonly name: string;
  readonly floor?: string;
}
