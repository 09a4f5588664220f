"""Counts the calls of a vendor's tool. The last line that a script prints is what e2e/vendors/run.ts reads."""

import json
import sys
import time
import traceback


class Check:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.expected = set()
        self.called = set()

    def call(self, name, function, /, *args, **kwargs):
        """Calls the function. A failure is counted and ends the script, because later calls build on earlier ones."""
        self.called.add(name)
        try:
            result = function(*args, **kwargs)
        except Exception:
            self.failed += 1
            print(f'{name} failed:')
            traceback.print_exc(file=sys.stdout)
            self.finish()
        self.passed += 1
        return result

    def service(self, name, target):
        """Wraps an object. Its public methods are counted, and each of them must be called."""
        methods = [m for m in dir(target) if not m.startswith('_') and callable(getattr(target, m))]
        self.expected.update(f'{name}.{method}' for method in methods)
        return _Service(self, name, target)

    def equal(self, name, actual, expected):
        self.call(name, _assert_equal, actual, expected)

    def until(self, name, function, done, seconds=20):
        """Calls the function until its result is as wanted."""
        end = time.monotonic() + seconds
        while True:
            result = self.call(name, function)
            if done(result):
                return result
            if time.monotonic() > end:
                self.equal(name, result, 'another result in time')
            time.sleep(0.2)

    def finish(self):
        for name in sorted(self.expected - self.called):
            self.failed += 1
            print(f'{name} was not called.')
        print(json.dumps({'passed': self.passed, 'failed': self.failed}))
        sys.exit(1 if self.failed else 0)


class _Service:
    def __init__(self, check, name, target):
        self._check = check
        self._name = name
        self._target = target

    def __getattr__(self, method):
        function = getattr(self._target, method)
        return lambda *args, **kwargs: self._check.call(f'{self._name}.{method}', function, *args, **kwargs)


def _assert_equal(actual, expected):
    assert actual == expected, f'{actual!r} is not {expected!r}'
