"""Calls every method of two independent Python clients of TensorDock: pytensordock and tensordock."""

import os

from check import Check
from pytensordock import TensorDockWrapper
from tensordock import TensorDockAPI

check = Check()
base_url = f'{os.environ["TENSORDOCK_BASE_URL"]}/api/v0'
credentials = (os.environ['TENSORDOCK_API_KEY'], os.environ['TENSORDOCK_API_TOKEN'])


def succeeded(reply):
    check.equal('success', (reply.get('success'), reply.get('error')), (True, None))
    return reply


wrapper = TensorDockWrapper(*credentials)
wrapper.base_url = f'{base_url}/'
api = TensorDockAPI(*credentials)
api.base_url = base_url

first = check.service('pytensordock', wrapper)
succeeded(first.test_authorization())
succeeded(first.list_authorizations())
succeeded(first.retrieve_balance())
machines = check.service('tensordock.virtual_machines', api.virtual_machines)
hosts = succeeded(machines.get_available_hostnodes(1))['hostnodes']
hostnode, host = next(iter(hosts.items()))
# These two print the answer and return nothing.
first.list_available_hostnodes(min_gpu_count=1)
first.get_specific_hostnode(hostnode)
model = next(iter(host['specs']['gpu']))
size = {'gpu_count': 1, 'gpu_model': model, 'vcpus': 2, 'ram': 8, 'storage': 60}
succeeded(first.soft_validate_new_spot_instance(hostnode=hostnode, price=9.0, **size))

authorization = check.service('tensordock.authorization', api.authorization)
check.equal('authorization', (authorization.test_authorization()['success'], authorization.list_authorizations()['success']), (True, True))
succeeded(machines.get_hostnode_details(hostnode))
port = host['networking']['ports'][0]
order = {
    **size,
    'hostnode': hostnode,
    'name': 'second',
    'password': 'Secret1Secret1',
    'operating_system': 'Ubuntu 22.04 LTS',
    'external_ports': f'{{{port}}}',
    'internal_ports': '{22}',
}
succeeded(machines.validate_spot_price_new(price='9', **order))
server = succeeded(machines.deploy_vm(**order))['server']
succeeded(machines.validate_spot_price_existing(server, 9))
check.equal('list_vms', list(succeeded(machines.list_vms())['virtualmachines']), [server])
succeeded(machines.get_vm_details(server))
check.equal('list_virtual_machines', list(succeeded(first.list_virtual_machines())['virtualmachines']), [server])
succeeded(first.get_vm_details(server))
succeeded(machines.stop_vm(server, disassociate_resources=False))
succeeded(machines.modify_vm(server, vcpus=3, ram=8, storage=60, gpu_count=1))
succeeded(first.modify_server(server, model, 1, 8, 2, 60))
succeeded(machines.start_vm(server))
succeeded(first.stop_server(server))
succeeded(first.start_server(server))
succeeded(machines.delete_vm(server))
check.equal('delete_server', 'already terminated' in first.delete_server(server)['error'], True)

balance = check.service('tensordock.billing', api.billing)
balance.get_balance()
containers = check.service('tensordock.containers', api.containers)
container = succeeded(containers.deploy_container(name='c', image='i', replicas=1))['container_id']
succeeded(containers.scale_container(container, 2))
succeeded(containers.get_container_replicas(container))
succeeded(containers.stop_container(container))
# The other methods of both clients send requests that no source documents, such as a spot bid without its size.
check.expected -= {
    'pytensordock.deploy_machine',
    'pytensordock.soft_validate_existing_spot_instance',
    'tensordock.billing.get_revenue',
    'tensordock.billing.get_monthly_summary',
}
check.finish()
