/** What pgscale has to know about a host before it can say what the host should have. */
export interface HostFacts {
  readonly osId: string;
  readonly osVersion: string;
  readonly osCodename: string;
  readonly architecture: string;
  readonly kernel: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** Size of the file system that holds (or will hold) /var/lib. */
  readonly diskBytes: number;
  readonly diskFreeBytes: number;
  readonly hasIoUring: boolean;
  /** Name of the network interface that holds the host's `address`; undefined when none does. */
  readonly interface: string | undefined;
  /** The most open files that a unit can be given: a container may have less than it asks for in LimitNOFILE. */
  readonly openFilesMax: number;
}
