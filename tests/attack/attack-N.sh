#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by network and by things with names.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

claim T-N1 "the network, by TCP and UDP" "network namespace"
t_N1() {
	for attack in tcp-connect udp-ask; do
		control "$attack to the host" "$A" with-listener "$A" $attack 127.0.0.1 PORT
		closed "$attack to the host" "$A" with-listener $B "$A" $attack 127.0.0.1 PORT
		control "$attack with --net=host" "$A" with-listener $B $HOST "$A" $attack 127.0.0.1 PORT
	done
	for address in $(hostname -I) 169.254.169.254 10.0.0.1 8.8.8.8; do
		case $address in
		*:*) continue ;;
		esac
		closed "$address" $B "$A" tcp-connect $address 80
		closed "$address, names" $B "$A" udp-ask $address 53
	done
	control "the sandbox has a loopback" $B sh -c "exec '$A' with-listener '$A' tcp-connect 127.0.0.1 PORT"
}

# Before Landlock 4, ports can't be listed, and before 6 abstract sockets can't be closed: then sbx must refuse what it can't
# do. With best effort it starts, and the way is open.
strict() { # strict NAME OPTION...
	case_name=$1
	shift
	refused "$case_name" "$SBX" --ro="$T/bin" "$@" "$A" uid-zero
}

claim T-N2 "TCP ports that are not in the list" "Landlock"
t_N2() {
	control "a port, network of the host" "$A" with-listener $B $HOST "$A" tcp-connect 127.0.0.1 PORT
	if [ "$LANDLOCK" -lt 4 ]; then
		strict "a list of ports is refused" --net=host --set=network.connect-tcp=443
		strict "a list of ports to bind is refused" --net=host --set=network.bind-tcp=48392
		control "with best effort the port is open" "$A" with-listener $B $HOST --set=network.connect-tcp=443 "$A" \
			tcp-connect 127.0.0.1 PORT
		unavailable "$ID as $WHO: ports in a list" "the kernel has Landlock $LANDLOCK, and 4 does it"
		return 0
	fi
	closed "a port that is not in the list" "$A" with-listener $B $HOST --set=network.connect-tcp=443 "$A" \
		tcp-connect 127.0.0.1 PORT
	closed "no port at all" "$A" with-listener $B $HOST --set=network.connect-tcp=none "$A" tcp-connect 127.0.0.1 PORT
	control "the port in the list" "$A" with-listener sh -c \
		"exec $B $HOST --set=network.connect-tcp=\$1 '$A' tcp-connect 127.0.0.1 \$1" sh PORT
	control "a port to bind" $B $HOST "$A" tcp-bind 127.0.0.1 48391
	closed "a port to bind that is not in the list" $B $HOST --set=network.bind-tcp=48392 "$A" tcp-bind 127.0.0.1 48391
	control "a port to bind in the list" $B $HOST --set=network.bind-tcp=48391 "$A" tcp-bind 127.0.0.1 48391
	closed "a port, without the filter" "$A" with-listener $B $HOST --set=syscalls.base=none \
		--set=network.connect-tcp=none "$A" tcp-connect 127.0.0.1 PORT
}

claim T-N3 "an abstract socket of the host" "network namespace, Landlock"
t_N3() {
	name=@sbx-attack-$$-$WHO
	control "an abstract socket" "$A" with-unix $name "$A" unix-connect $name
	# shellcheck disable=SC2034 # of the claim; each_layer takes it
	[ "$LANDLOCK" -ge 6 ] || layers_N3="network namespace"
	walls "an abstract socket" "$A" with-unix $name $B "$A" unix-connect $name
	if [ "$LANDLOCK" -lt 6 ]; then
		strict "the network of the host is refused" --net=host
		control "with best effort it is open" "$A" with-unix $name $B $HOST "$A" unix-connect $name
		unavailable "$ID as $WHO: an abstract socket, network of the host" "the kernel has Landlock $LANDLOCK, and 6 does it"
		return 0
	fi
	closed "an abstract socket, network of the host" "$A" with-unix $name $B $HOST "$A" unix-connect $name
	closed "the same without the filter" "$A" with-unix $name $B $HOST --set=syscalls.base=none "$A" unix-connect $name
}

claim T-N4 "socket families and netlink protocols" "seccomp"
t_N4() {
	control "families and types" unshare -rn "$A" socket-families
	control "netlink protocols" "$A" netlink-protocols
	for options in "" "$HOST" "--user=root"; do
		allowed "$options" || continue
		closed "families and types with '$options'" $B $options "$A" socket-families
		closed "netlink protocols with '$options'" $B $options "$A" netlink-protocols
	done
}

claim T-N5 "AF_ALG, AF_VSOCK, AF_PACKET, raw sockets" "seccomp"
t_N5() {
	for socket in "40 1 0" "17 3 768" "2 3 1" "10 3 58" "16 3 12"; do
		control "socket $socket" unshare -rn "$A" socket-one $socket
		closed "socket $socket" $B "$A" socket-one $socket
		closed "socket $socket, network of the host" $B $HOST "$A" socket-one $socket
	done
	closed "socket 38 5 0 (AF_ALG)" $B "$A" socket-one 38 5 0
}

claim T-N6 "sockets of the session: buses, agents, Docker, displays" "view"
t_N6() {
	run=$D/run
	mkdir "$run" "$run/systemd" "$run/gnupg" "$run/pulse" "$D/home/.docker"
	give "$D"
	chmod 700 "$run"
	for socket in "$run/bus" "$run/systemd/private" "$run/agent" "$run/gnupg/S.gpg-agent" "$run/docker.sock" "$run/wayland-0" \
		"$run/pulse/native" "$run/pipewire-0"; do
		control "${socket##*/}" "$A" with-unix "$socket" "$A" unix-connect "$socket"
		for view in "" "--set=filesystem.view=host" "--home=host" "--ro=$run"; do
			closed "${socket##*/} with '$view'" env XDG_RUNTIME_DIR="$run" SSH_AUTH_SOCK="$run/agent" \
				DBUS_SESSION_BUS_ADDRESS="unix:path=$run/bus" WAYLAND_DISPLAY=wayland-0 \
				"$A" with-unix "$socket" $B --user=keep $view "$A" unix-connect "$socket"
		done
	done
}

claim T-N7 "memory and queues with a name" "IPC namespace, view"
t_N7() {
	control "System V memory" "$A" with-shm "$A" shm-attach KEY
	closed "System V memory" "$A" with-shm $B "$A" shm-attach KEY
	control "a message queue" "$A" with-mq "$A" mq-reach QUEUE
	closed "a message queue" "$A" with-mq $B "$A" mq-reach QUEUE
	closed "a message queue, without the filter" "$A" with-mq $B --set=syscalls.base=none "$A" mq-reach QUEUE
	name=/dev/shm/sbx-attack-$$
	echo SECRET >$name
	chmod 644 $name
	control "a name in /dev/shm" "$A" read-secret $name
	closed "a name in /dev/shm" $B "$A" read-secret $name
	closed "a name in /dev/shm with view=host" $B --set=filesystem.view=host "$A" read-secret $name
	rm -f $name
}

cases "${1-}"
