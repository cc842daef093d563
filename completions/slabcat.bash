# bash completion for slabcat; generated from src/cli/options.def by `make docs`
_slabcat()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    case $previous in
    --run)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --run-stdout)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --linger)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    -o | --output)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return ;;
    --rotate-size)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --rotate-time)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --rotate-keep)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --on-reconnect)
        mapfile -t COMPREPLY < <(compgen -W "resend skip" -- "$current")
        return ;;
    --redact-env)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --redact-file)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return ;;
    --timestamp)
        mapfile -t COMPREPLY < <(compgen -W "iso iso-us unix elapsed delta" -- "$current")
        return ;;
    --prefix)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --digest)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --digest-file)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return ;;
    --compress)
        mapfile -t COMPREPLY < <(compgen -W "zstd gzip" -- "$current")
        return ;;
    -s | --slab-size)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    -n | --slab-count)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    -m | --memory)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --on-full)
        mapfile -t COMPREPLY < <(compgen -W "block drop-newest drop-oldest spill" -- "$current")
        return ;;
    --spill-limit)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    -f | --flush-interval)
        mapfile -t COMPREPLY < <(compgen -W "auto" -- "$current")
        return ;;
    -L | --rate-limit)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --burst)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --start-fill)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --pipe-size)
        mapfile -t COMPREPLY < <(compgen -W "auto keep" -- "$current")
        return ;;
    --zero-copy)
        mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$current")
        return ;;
    -S | --stop-at)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --drain-timeout)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --progress)
        mapfile -t COMPREPLY < <(compgen -W "force" -- "$current")
        return ;;
    -i | --interval)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    -N | --name)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --size)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    --stats)
        mapfile -t COMPREPLY < <(compgen -W "text json prometheus" -- "$current")
        return ;;
    --stats-file)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return ;;
    --stats-every)
        mapfile -t COMPREPLY < <(compgen -W "" -- "$current")
        return ;;
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "--run --run-stdout --linger --output --append --rotate-size --rotate-time --rotate-keep --reconnect --on-reconnect --fsync --redact-env --redact-file --strip-ansi --timestamp --timestamp=iso --timestamp=iso-us --timestamp=unix --timestamp=elapsed --timestamp=delta --localtime --prefix --digest --digest-file --compress --slab-size --slab-count --memory --plan --json --on-full --mark-gaps --null --spill-limit --flush-interval --rate-limit --burst --start-fill --pipe-size --zero-copy --no-sandbox --stop-at --drain-timeout --progress --progress=force --interval --name --size --stats --stats=text --stats=json --stats=prometheus --stats-file --stats-every --advise --explain --help --version" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}
complete -o filenames -F _slabcat slabcat
