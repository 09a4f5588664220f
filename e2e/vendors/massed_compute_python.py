"""Calls every tool of Massed Compute's MCP server over stdio, as an agent does."""

import asyncio
import json
import os
import shutil

from check import Check
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

check = Check()
parameters = StdioServerParameters(
    command=shutil.which('massed-compute-mcp'),
    # The tool must not see the folder of this script.
    env={
        'MASSED_COMPUTE_API_KEY': os.environ['MASSED_COMPUTE_TOKEN'],
        'MASSED_COMPUTE_API_BASE_URL': os.environ['MASSED_COMPUTE_BASE_URL'].removesuffix('/api/v1'),
    },
)


async def main():
    async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
        await session.initialize()
        check.expected = {tool.name for tool in (await session.list_tools()).tools}
        await call_all(session)


async def call_all(session):
    async def call(tool, /, **arguments):
        result = await session.call_tool(tool, arguments)
        text = result.content[0].text
        # The server reports an HTTP error as a text that begins with its kind and status: "[not_found 404] …".
        return check.call(tool, json.loads, text)

    await call('account_token_validation')
    await call('account_billing')
    assert (await call('gpu_inventory_list'))['gpu_inventory']
    images = (await call('images_list'))['images']
    image = next(each for each in images if each['vm_image_name'].startswith('Ubuntu'))
    key = (await call('ssh_keys_create', name='laptop', publicKey=os.environ['PUBLIC_KEY']))['sshKey']
    check.equal('ssh_keys_list', [each['id'] for each in (await call('ssh_keys_list'))['sshKeys']], [key['id']])
    await call('coupon_information', coupon='TestCoupon')
    await call('coupon_accepted_products', coupon='TestCoupon')
    order = {'imageId': image['vm_image_id'], 'productName': 'gpu_1x_a6000', 'regionName': 'any', 'instanceName': 'mcp'}
    uuid = (await call('instances_launch', **order, sshKeys=['laptop']))['response']
    while True:
        instance = (await call('instances_get', uuid=uuid))['runningInstances'][0]
        if instance['os_booted'] == 1:
            break
        await asyncio.sleep(0.2)
    check.equal('instances_get', instance['password'], '[redacted]')
    await call('instances_restart', instanceUuids=[uuid])
    check.equal('instances_list', [each['uuid'] for each in (await call('instances_list'))['runningInstances']], [uuid])
    await call('instances_terminate', instanceUuids=[uuid])
    check.equal('instances_list', (await call('instances_list'))['runningInstances'], [])
    await call('ssh_keys_delete', sshKeyId=key['id'])
    slug = (await call('recipes_list'))['recipes'][0]['slug']
    check.equal('recipes_search', [each['slug'] for each in (await call('recipes_search', query=slug))['recipes']], [slug])
    check.equal('recipes_get', (await call('recipes_get', slug=slug))['recipe']['slug'], slug)


asyncio.run(main())
check.finish()
