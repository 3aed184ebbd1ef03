{ SPDX-License-Identifier: LGPL-2.1-or-later }
{$mode objfpc}
program Sum;
uses
  cthreads, Classes, SysUtils;
type
  TTask = class(TThread)
    Number: Int64;
    procedure Execute; override;
  end;
procedure TTask.Execute;
begin
  Number := Number * 2;
end;
var
  Word: string;
  C: char;
  Total, N: Int64;
  I: Integer;
  Block: PByte;
  Tasks: array[0..7] of TTask;
begin
  Word := '';
  Total := 0;
  while not EOF do
  begin
    Read(C);
    if C <= ' ' then break;
    Word := Word + C;
  end;
  while Word = 'hog' do
  begin
    GetMem(Block, 1 shl 20);
    FillChar(Block^, 1 shl 20, 1);
  end;
  if Word = 'tasks' then
  begin
    for I := 0 to 7 do
    begin
      Tasks[I] := TTask.Create(True);
      Tasks[I].Number := I;
      Tasks[I].Start;
    end;
    for I := 0 to 7 do
    begin
      Tasks[I].WaitFor;
      Total := Total + Tasks[I].Number;
    end;
  end
  else
    while not SeekEof do
    begin
      Read(N);
      Total := Total + N;
    end;
  WriteLn(Total);
end.
