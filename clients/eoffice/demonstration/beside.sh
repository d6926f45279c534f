# Sourced by ./start --with-eoffice: Teken and an e-office, each a process of its own; both end together.
# Takes `teken` (the command), `folder` (Teken's data), `port`, `office_port`, `here` (the checkout).

python=$here/.venv/bin/python
lists=$here/clients/eoffice/demonstration
running=()
stop() {
  trap - EXIT
  for ((last = ${#running[@]} - 1; last >= 0; last--)); do # the office first: it asks Teken
    kill "${running[last]}" 2>/dev/null && wait "${running[last]}" || true
  done
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"${teken[@]}" --people "$lists" &
running+=($!)
ready() { # the port stands in the settings where nobody named one
  [ -n "$port" ] || port=$(sed -n 's/^port = \([0-9]*\)$/\1/p' "$folder/teken.toml" 2>/dev/null)
  "$python" -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=5)' \
    "http://127.0.0.1:$port/readyz" 2>/dev/null
}
until ready; do
  kill -0 "${running[0]}" 2>/dev/null || exit 1 # it has said why
  sleep 0.5
done

"$python" -m eoffice.demonstration "$folder/eoffice" --people "$folder/demonstration/people.json" \
  --teken "http://127.0.0.1:$port" --public-url "http://127.0.0.1:$office_port"
"$python" -m eoffice --settings "$folder/eoffice/eoffice.toml" serve --port "$office_port" &
running+=($!)
wait -n
