import type { Call, Route } from '../vendor-app.ts';
import type { JobDeployment, JobDeployments } from './jobs.ts';
import { firstOf } from './keys.ts';

/** Creates the job deployment routes. */
export function jobRoutes(jobs: JobDeployments): Route[] {
  const path = '/v1/job-deployments';
  const one = ({ params }: Call) => jobs.found(firstOf(params));
  const command = (name: string, act: (deployment: JobDeployment) => void): Route => ({
    method: 'POST',
    path: `${path}/{}/${name}`,
    handle: (call) => {
      act(one(call));
      return { status: 201 };
    },
  });
  return [
    { method: 'GET', path, handle: () => ({ status: 200, json: jobs.listed().map(shortView) }) },
    { method: 'POST', path, handle: (call) => ({ status: 201, json: view(jobs.create(call)) }) },
    { method: 'GET', path: `${path}/{}`, handle: (call) => ({ status: 200, json: view(one(call)) }) },
    {
      method: 'PATCH',
      path: `${path}/{}`,
      handle: (call) => ({ status: 200, json: view(jobs.change(one(call), call.body)) }),
    },
    { method: 'DELETE', path: `${path}/{}`, handle: (call) => jobs.remove(call, one(call)) },
    { method: 'GET', path: `${path}/{}/scaling`, handle: (call) => ({ status: 200, json: one(call).scaling }) },
    {
      method: 'GET',
      path: `${path}/{}/status`,
      handle: (call) => ({ status: 200, json: { status: one(call).status } }),
    },
    command('purge-queue', (deployment) => jobs.purge(deployment)),
    command('pause', (deployment) => jobs.pause(deployment, true)),
    command('resume', (deployment) => jobs.pause(deployment, false)),
  ];
}

const user = '0576ee4a-d45c-44b8-b2be-d8ad0347cb46';

function view(deployment: JobDeployment) {
  const { containers, registry, endpoint } = deployment;
  const container_registry_settings = { is_private: false, credentials: null, ...registry };
  return { ...shortView(deployment), endpoint_base_url: endpoint, containers, container_registry_settings };
}

function shortView({ name, createdAt, compute }: JobDeployment) {
  return { name, created_at: new Date(createdAt).toISOString(), created_by_user_id: user, compute };
}
