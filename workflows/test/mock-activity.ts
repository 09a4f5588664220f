import type { Info } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** An activity's surroundings, which say nothing of failures that a test expects. */
export function mockActivity(info: Partial<Info> = {}, client?: Client): MockActivityEnvironment {
  const logger = new DefaultLogger('ERROR');
  return new MockActivityEnvironment(info, { logger, ...(client === undefined ? {} : { client }) });
}
