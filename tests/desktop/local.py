# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server of chats (IRC) and one of mail (SMTP) on the loopback interface, each as small as a client lets it be; what is said
to them is in two files. usage: local.py PORTS-FILE CHAT-FILE MAILS-FILE"""
import os
import socketserver
import sys

ports_file, chat_file, mails_file = sys.argv[1:]


class Lines(socketserver.StreamRequestHandler):
    file = ""

    def lines(self):
        for line in self.rfile:
            text = line.decode(errors="replace").rstrip("\r\n")
            with open(self.file, "a", encoding="utf-8") as log:
                log.write(text + "\n")
            yield text

    def say(self, *lines):
        self.wfile.write("".join(line + "\r\n" for line in lines).encode())


class Chat(Lines):
    file = chat_file
    nick = "nobody"

    def handle(self):
        for line in self.lines():
            verb, _, rest = line.partition(" ")
            if verb == "NICK":
                self.nick = rest.lstrip(":")
            elif verb == "USER":
                here = f":here 001 {self.nick} :Welcome"
                self.say(here, f":here 004 {self.nick} here 1 i n", f":here 422 {self.nick} :There is no message of the day")
            elif verb == "CAP" and rest.startswith("LS"):
                self.say(":here CAP * LS :")
            elif verb == "PING":
                self.say(f":here PONG here {rest}")
            elif verb == "JOIN":
                self.say(f":{self.nick}!u@h JOIN {rest}", f":here 353 {self.nick} = {rest} :{self.nick} greeter",
                         f":here 366 {self.nick} {rest} :End", f":greeter!u@h PRIVMSG {rest} :WELCOME TO ALL")
            elif verb == "QUIT":
                return


class Mail(Lines):
    file = mails_file

    def handle(self):
        self.say("220 here")
        data = False
        for line in self.lines():
            if data:
                data = line != "."
                if data:
                    continue
            verb = line[:4].upper()
            if verb == "DATA":
                data = True
                self.say("354 go on")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


chat, mail = (Server(("127.0.0.1", 0), handler) for handler in (Chat, Mail))
with open(ports_file + ".new", "w", encoding="ascii") as ports:
    print(chat.server_address[1], mail.server_address[1], file=ports)
os.rename(ports_file + ".new", ports_file)
import threading

threading.Thread(target=chat.serve_forever, daemon=True).start()
mail.serve_forever()
