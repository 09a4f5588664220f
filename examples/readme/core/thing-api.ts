import type { OperationTable } from '@gpu-clouds/core';

interface Thing {
  id: string;
}

export interface operations {
  getThing: {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    requestBody?: never;
    responses: { 200: { headers: { [name: string]: unknown }; content: { 'application/json': Thing } } };
  };
  listThings: {
    parameters: { query?: { cursor?: string }; header?: never; path?: never; cookie?: never };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: { 'application/json': { data: Thing[]; next_cursor?: string | null } };
      };
    };
  };
}

export interface paths {
  '/things/{id}': { get: operations['getThing'] };
  '/things': { get: operations['listThings'] };
}

export const table = {
  getThing: { method: 'GET', path: '/things/{id}', security: ['bearer'], repeatable: true },
  listThings: {
    method: 'GET',
    path: '/things',
    security: ['bearer'],
    repeatable: true,
    pages: { style: 'cursor', cursor: 'cursor', next: 'next_cursor', items: 'data' },
  },
} as const satisfies OperationTable;
