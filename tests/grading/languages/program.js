// SPDX-License-Identifier: LGPL-2.1-or-later
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

if (!isMainThread) {
	parentPort.postMessage(2 * workerData);
} else {
	const [word, ...rest] = require('fs').readFileSync(0, 'utf8').split(/\s+/).filter((text) => text);
	const much = [];
	while (word === 'hog')
		much.push(Buffer.alloc(1 << 20, 'x'));
	let sum = rest.map(Number).reduce((a, b) => a + b, 0);
	if (word === 'tasks') {
		let left = 4;
		for (let i = 0; i < 4; i++)
			new Worker(__filename, { workerData: i + 4 + (i + 3) % 4 }).on('message', (n) => {
				sum += n;
				if (--left === 0)
					console.log(sum);
			});
	} else {
		console.log(sum);
	}
}
