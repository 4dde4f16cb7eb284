#!/bin/sh
# Runs nats-server and ends with it when its data is gone from under it: such a server goes on acknowledging what it
# stores nowhere and calls itself healthy. The container's restart policy then starts it again, and the departments'
# keepers lay their streams anew.
#
#   watched.sh STORE_DIR MONITOR_URL nats-server --config …
#
# Every stream that the server lists has to have its directory. Needs sh, wget, awk: busybox has them.
set -u
store=$1 monitor=$2
shift 2

listed() { # "ACCOUNT STREAM" a line, as /jsz lays them out: accounts 6 blanks deep, their streams 10
    wget -q -T 2 -O - "$monitor/jsz?accounts=true&streams=true" 2>/dev/null | awk -F'"' '
        /^      "name": "/ { account = $4 }
        /^          "name": "/ { print account, $4 }'
}

gone() { # the listed streams that have no directory
    listed | while read -r account stream; do
        [ -d "$store/jetstream/$account/streams/$stream/msgs" ] || echo "$account/$stream"
    done
}

"$@" &
server=$!
trap 'kill -TERM "$server" 2>/dev/null' TERM INT
trap 'kill -HUP "$server" 2>/dev/null' HUP

while kill -0 "$server" 2>/dev/null; do
    sleep 2 &
    wait $! # a signal ends this wait at once
    missing=$(gone)
    # looked at twice: a stream deleted on purpose leaves the disk a moment before the list
    if [ -n "$missing" ] && sleep 1 && [ -n "$(gone)" ]; then
        echo "watched: the data of $(echo "$missing" | head -n 1) is gone from $store; ending the server" >&2
        kill -KILL "$server" 2>/dev/null
        wait "$server"
        exit 70
    fi
done
wait "$server"
