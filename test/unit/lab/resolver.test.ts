import { describe, expect, it } from 'vitest';

import { resolverFor } from '../../../src/lab/resolver.ts';

const GATEWAY = '10.77.1.1';

describe('resolverFor', () => {
  it('hands the servers of the machine on, with its search list', () => {
    expect(resolverFor('search corp.example\nnameserver 10.0.0.53\n', '', GATEWAY)).toEqual({
      text: 'nameserver 10.0.0.53\nsearch corp.example\n',
      servers: ['10.0.0.53'],
      loopbackPorts: [],
    });
  });

  it('asks the servers behind systemd-resolved, whose stub no other machine may ask', () => {
    const { servers, loopbackPorts } = resolverFor('nameserver 127.0.0.53\n', 'nameserver 192.168.1.1\n', GATEWAY);
    expect(servers).toEqual(['192.168.1.1']);
    expect(loopbackPorts).toEqual([]);
  });

  it('leads to a resolver on loopback through the gateway', () => {
    const { text, loopbackPorts } = resolverFor('nameserver 127.0.0.1\n', '', GATEWAY);
    expect(text).toBe('nameserver 10.77.1.1\n');
    expect(loopbackPorts).toEqual([53]);
  });

  it('has no server where the machine has none', () => {
    expect(resolverFor('', '', GATEWAY)).toEqual({ text: '', servers: [], loopbackPorts: [] });
  });
});
