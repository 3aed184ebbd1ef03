# SPDX-License-Identifier: LGPL-2.1-or-later
# For fish: what the last word may be is asked of sbxctl.
function __sbxctl_words
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l option (string match -r '^--[^=]*=' -- $last)
    for line in (sbxctl --complete $words[2..-1] "$last" 2>/dev/null)
        if test "$line" = /
            string replace -r '^' -- "$option" (__fish_complete_path (string replace -- "$option" '' "$last"))
        else
            echo $line
        end
    end
end
complete -c sbxctl -f -a '(__sbxctl_words)'
