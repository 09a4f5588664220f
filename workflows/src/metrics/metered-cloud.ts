import type { Cloud } from '@gpu-clouds/clouds';
import { CloudError } from '@gpu-clouds/clouds/pure';
import type { MetricMeter } from '@temporalio/common';

/** The cloud itself, with its calls counted by how they ended: `ok`, or the kind of the error. */
export function meteredCloud(cloud: Cloud, meter: MetricMeter): Cloud {
  const calls = meter.createCounter('gpu_clouds_vendor_calls_total', undefined, 'Calls to clouds');
  const counted = async <T>(operation: string, call: Promise<T>): Promise<T> => {
    const count = (status: string) => calls.add(1, { vendor: cloud.vendor, operation, status });
    try {
      const result = await call;
      count('ok');
      return result;
    } catch (error) {
      count(CloudError.isInstance(error) ? error.kind : 'failed');
      throw error;
    }
  };
  const { keys, volumes, jobs } = cloud;
  return {
    vendor: cloud.vendor,
    listOffers: (options) => counted('listOffers', cloud.listOffers(options)),
    createInstance: (order, options) => counted('createInstance', cloud.createInstance(order, options)),
    getInstance: (id, options) => counted('getInstance', cloud.getInstance(id, options)),
    listInstances: (options) => counted('listInstances', cloud.listInstances(options)),
    deleteInstance: (id, options) => counted('deleteInstance', cloud.deleteInstance(id, options)),
    ...(keys === undefined
      ? {}
      : {
          keys: {
            create: (key, options) => counted('keys.create', keys.create(key, options)),
            list: (options) => counted('keys.list', keys.list(options)),
            delete: (id, options) => counted('keys.delete', keys.delete(id, options)),
          },
        }),
    ...(volumes === undefined
      ? {}
      : {
          volumes: {
            list: (options) => counted('volumes.list', volumes.list(options)),
            delete: (id, options) => counted('volumes.delete', volumes.delete(id, options)),
          },
        }),
    ...(jobs === undefined
      ? {}
      : {
          jobs: {
            listOffers: (options) => counted('jobs.listOffers', jobs.listOffers(options)),
            create: (order, options) => counted('jobs.create', jobs.create(order, options)),
            get: (instanceName, options) => counted('jobs.get', jobs.get(instanceName, options)),
            list: (options) => counted('jobs.list', jobs.list(options)),
            delete: (instanceName, options) => counted('jobs.delete', jobs.delete(instanceName, options)),
            submit: (endpoint, job, options) => counted('jobs.submit', jobs.submit(endpoint, job, options)),
            poll: (job, options) => counted('jobs.poll', jobs.poll(job, options)),
            result: (job, options) => counted('jobs.result', jobs.result(job, options)),
          },
        }),
  };
}
