import { expect, test } from 'vitest';

import { Slots } from '../../../src/host/slots.ts';

test('the next in line enters when a slot is released', async () => {
  const slots = new Slots(1);
  await slots.take(1000);
  const second = slots.take(1000);
  slots.release();
  expect(await second).toBe(true);
});

test('waiting in line has an end, and who left takes no slot', async () => {
  const slots = new Slots(1);
  await slots.take(1000);
  expect(await slots.take(5)).toBe(false);
  slots.release();
  expect(await slots.take(5)).toBe(true);
});

test('a slot given up is gone for good, but never the last', async () => {
  const slots = new Slots(2);
  await slots.take(5);
  await slots.take(5);
  expect(slots.giveUp()).toBe(true);
  expect(slots.giveUp()).toBe(false);
  slots.release();
  expect(await slots.take(5)).toBe(true);
  expect(await slots.take(5)).toBe(false);
});
