import { ScriptedRouter, quiet } from '../unit/network/amqp/scripted-router.ts';

/**
 * A whole connection with a lane and a watch, which a router answers with these octets. It must stay, or
 * close with a reason, and leave no timer either way; anything else is thrown.
 */
export async function answerConnectionWith(octets: Buffer): Promise<string> {
  const router = await new ScriptedRouter({ routingKeys: new Set(['web:8080']) }).opened();
  router.connection.openLane({ routingKey: 'web:8080', allowHalfOpen: false, onOpen: () => {} });
  router.begin(0);
  router.begin(1);
  router.socket.on('error', () => {});
  router.socket.write(octets);
  await quiet();
  const outcome = router.closedBecause === undefined ? 'stays' : 'closes';
  router.connection.close();
  router.socket.destroy();
  await quiet();
  if (router.closedBecause === undefined) throw new Error('the connection did not close');
  if (router.clock.pendingCount > 0)
    throw new Error(`${router.clock.pendingCount} timers are left`);
  return outcome;
}
